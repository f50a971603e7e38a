//! Logins: guesses on one account, and more passwords than can be hashed.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use harness::{Client, ConcurrentClients, PASSWORD, Request, Site, SiteBuilder, User, backends, eventually, on_backends};
use serde_json::json;

/// Attempts on one account at once.
const AT_ONCE: usize = 10;
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
