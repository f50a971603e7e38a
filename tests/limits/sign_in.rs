//! Logins: guesses on one account, and more passwords than can be hashed.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use harness::{
    Client, ConcurrentClients, PASSWORD, Request, Response, Server, Site, SiteBuilder, User, backends, eventually, on_backends,
};
use serde_json::json;

/// Attempts on one account at once.
const AT_ONCE: usize = 10;
const NEW: &str = "a lighthouse that keeps its own hours";
const NEW_SECRET: &str = "another secret that is long enough for the suite";
/// Logins at once.
const FLOOD: usize = 3200;

fn log_in(client: &Client, email: &str, password: &str) -> Request {
    client.post("/v1/auth/login").json(json!({"email": email, "password": password}))
}

/// How many of many parallel guesses were answered 401; the others must be refused with a delay.
async fn guessed(client: &Client, email: &str) -> usize {
    let guesses = (0..60).map(|number| async move { log_in(client, email, &format!("wrong password {number}")).await });
    let (tried, refused): (Vec<_>, Vec<_>) = join_all(guesses).await.into_iter().partition(|answer| answer.status() == 401);
    for response in refused {
        let delay: u64 = response.expect(429).problem("rate-limited").header("retry-after").parse().unwrap();
        assert!((1..=60).contains(&delay), "{delay}");
    }
    tried.len()
}

backends! {
    async fn guesses_on_an_account_are_limited_whether_it_exists_or_not(site: Site) {
        let (anna, ben) = (site.register("anna").await, site.register("ben").await);
        for email in [anna.email.as_str(), "nobody@example.com"] {
            assert_eq!(guessed(&site.client(), email).await, AT_ONCE, "{email}");
            log_in(&site.client(), email, PASSWORD).await.expect(429);
            log_in(&site.client(), &email.to_uppercase(), PASSWORD).await.expect(429);
        }
        anna.get("/v1/me").await.expect(200);
        site.client().post("/v1/auth/refresh").json(json!({"refresh_token": anna.refresh_token})).await.expect(200);
        User::sign_in(&site.client(), &ben.email, PASSWORD).await;
    }

    async fn the_owner_logs_in_as_often_as_needed(site: Site) {
        let anna = site.register("anna").await;
        for _ in 0..2 * AT_ONCE {
            User::sign_in(&site.client(), &anna.email, PASSWORD).await;
        }
        let body = json!({"email": anna.email, "username": "anna2", "password": PASSWORD});
        for _ in 1..AT_ONCE {
            site.client().post("/v1/auth/register").json(body.clone()).await.expect(409);
        }
        site.client().post("/v1/auth/register").json(body).await.expect(429).problem("rate-limited");
    }

    async fn correct_logins_at_once_do_not_refuse_each_other(site: Site) {
        let anna = site.register("anna").await;
        let answers = join_all((0..3 * AT_ONCE).map(|_| async { log_in(&site.client(), &anna.email, PASSWORD).await })).await;
        let statuses: Vec<u16> = answers.iter().map(Response::status).collect();
        assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    }

    async fn guesses_by_others_do_not_keep_the_owner_from_a_new_password(builder: SiteBuilder) {
        let site = builder.set("CHANGE_LOG_POLL_MS", 50).open().await;
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        let exhaust = async || {
            guessed(&site.client(), &anna.email).await;
            log_in(&site.client(), &anna.email, PASSWORD).await.expect(429);
        };
        exhaust().await;
        anna.change("/v1/me", json!({"email": "anna@sea.example.com", "present_password": PASSWORD})).await;
        let change = json!({"present_password": PASSWORD, "password": NEW});
        anna.change("/v1/me", json!({"email": anna.email, "present_password": PASSWORD})).await;
        anna.post("/v1/auth/password").json(change).await.expect(204);
        User::sign_in(&site.client(), &anna.email, NEW).await;
        exhaust().await;
        let reset = admin.post(format!("/v1/admin/users/{}/password-reset", anna.id)).await.expect(200);
        let confirm = json!({"token": reset.text("token"), "password": PASSWORD});
        site.client().post("/v1/auth/password-reset/confirm").json(confirm).await.expect(204);
        User::sign_in(&site.client(), &anna.email, PASSWORD).await;
    }

    async fn guesses_of_the_present_password_in_a_session_are_limited(site: Site) {
        let anna = site.register("anna").await;
        let guess = || async {
            anna.post("/v1/auth/password").json(json!({"present_password": "not the password", "password": NEW})).await.status()
        };
        let statuses = join_all((0..2 * AT_ONCE).map(|_| guess())).await;
        assert_eq!(statuses.iter().filter(|status| **status == 401).count(), AT_ONCE, "{statuses:?}");
        assert_eq!(statuses.iter().filter(|status| **status == 429).count(), AT_ONCE, "{statuses:?}");
        User::sign_in(&site.client(), &anna.email, PASSWORD).await;
    }

    async fn a_replaced_token_secret_makes_no_attempts_available(builder: SiteBuilder) {
        let site = builder.set("TOKEN_SECRETS_ACCEPTED", NEW_SECRET).open().await;
        let anna = site.register("anna").await;
        assert_eq!(guessed(&site.client(), &anna.email).await, AT_ONCE);
        let mut settings = site.settings().clone();
        let old = settings.insert("TOKEN_SECRET".into(), NEW_SECRET.into()).unwrap_or_default();
        settings.insert("TOKEN_SECRETS_ACCEPTED".into(), old);
        let second = Server::start_at(&settings, None).await;
        log_in(&site.client().at(&second), &anna.email, PASSWORD).await.expect(429);
    }

    async fn logins_and_registrations_are_limited_by_address(builder: SiteBuilder) {
        let site = builder.set("RATE_LIMIT_SIGN_IN", "8/86400").open().await;
        let here = |address: &'static str| {
            let client = site.client();
            move || log_in(&client, "nobody@example.com", PASSWORD).header("X-Forwarded-For", address)
        };
        assert_eq!(crate::limits::exhaust(8, here("203.0.113.9")).await.0, 8);
        here("203.0.113.10")().await.expect(401);
        site.client().get("/v1/plans").header("X-Forwarded-For", "203.0.113.9").await.expect(200);
    }
}

on_backends! {
    [sqlite_memory SqliteMemory, postgres_redis PostgresRedis]
    async fn more_logins_than_can_be_hashed_are_refused_at_once(site: Site) {
        let anna = site.register("anna").await;
        anna.get("/v1/coins").await.expect(200);
        let clients = ConcurrentClients::connect(FLOOD, &[site.server()]).await;
        let body = |number| json!({"email": format!("nobody{number}@example.com"), "password": PASSWORD});
        let flood = tokio::spawn(async move { clients.post("/v1/auth/login", body).await });
        let reading = Instant::now();
        anna.get("/v1/coins").await.expect(200);
        let read_in = reading.elapsed();
        eventually("the owner logs in", async || {
            let answer = log_in(&site.client(), &anna.email, PASSWORD).await;
            if answer.status() == 503 {
                assert_eq!(answer.header("retry-after"), "2");
            }
            (answer.status() == 200).then_some(())
        })
        .await;
        let answers = flood.await.unwrap();
        let with = |status: u16| answers.iter().filter(move |(other, _)| *other == status).map(|(_, took)| *took);
        let first = with(503).min();
        println!("{} refused, the first after {first:?}; {} hashed; a cached read in {read_in:?}", with(503).count(), with(401).count());
        assert_eq!(with(503).count() + with(401).count(), answers.len());
        // A busy machine of tests: alone and optimised it is milliseconds.
        assert!(first.is_some_and(|first| first < Duration::from_secs(5)), "{first:?}");
        assert!(answers.iter().all(|(_, took)| *took < Duration::from_secs(25)));
    }
}
