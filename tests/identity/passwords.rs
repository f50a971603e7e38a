//! Passwords: which are accepted, in which spelling they are checked, and how they are changed and reset.

use harness::{Client, PASSWORD, Response, Site, SiteBuilder, User, backends, on_backends};
use serde_json::json;

const COMPOSED: &str = "Schlüssel-café-geheim";
const DECOMPOSED: &str = "Schlu\u{308}ssel-cafe\u{301}-geheim";
/// The hash of [`DECOMPOSED`] as it was typed: what older versions stored.
const HASH_OF_DECOMPOSED: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$SUr2FZzXMdtiZZw5DM00LA$T+8hzmi6vvuu5VI9Ifoyc9YUQMKpJZdAhZg2lunL4pI";
const NEW: &str = "a lighthouse that keeps its own hours";

async fn register(client: &Client, password: &str) -> Response {
    let body = json!({"email": "anna.archer@example.com", "username": "the-archer", "password": password});
    client.post("/v1/auth/register").json(body).await
}

async fn login(site: &Site, email: &str, password: &str) -> Response {
    site.client().post("/v1/auth/login").json(json!({"email": email, "password": password})).await
}

fn change(user: &User, present: &str, password: &str) -> harness::Request {
    user.post("/v1/auth/password").json(json!({"present_password": present, "password": password}))
}

fn with_short_log_interval(builder: SiteBuilder) -> SiteBuilder {
    builder.set("CHANGE_LOG_POLL_MS", 50)
}

backends! {
    async fn common_blank_and_own_words_are_no_password(site: Site) {
        let own = ["anna.archer@example.com", "ANNA.ARCHER", "the-archer"];
        for password in ["password", "PassWord", "12345678", "iloveyou1", "        ", "\u{3000}\u{3000}\u{3000}\u{3000}        "] {
            register(&site.client(), password).await.expect(400).pointing_at("/password");
        }
        let parts = ["example.com", "EXAMPLE.com", "ａnna.archer@example.com", " the-archer "];
        let hidden = ["pass\u{200b}word", "ｐａｓｓｗｏｒｄ", "\u{200b}\u{2060}\u{feff}\u{ad}\u{3164}\u{2800}\u{200d}\u{202e}", "correct\0horse", "correct\nhorse"];
        for password in own.into_iter().chain(parts).chain(hidden).chain(["short", &"x".repeat(257)]) {
            register(&site.client(), password).await.expect(400).problem("validation-failed").pointing_at("/password");
        }
        register(&site.client(), &"ä".repeat(256)).await.expect(201);
    }

    async fn an_address_in_unicode_is_no_password_in_any_spelling(site: Site) {
        for password in ["anna@bücher.example", "anna@xn--bcher-kva.example", "BÜCHER.example", "xn--bcher-kva.example"] {
            let body = json!({"email": "anna@bücher.example", "username": "anna", "password": password});
            site.client().post("/v1/auth/register").json(body).await.expect(400).pointing_at("/password");
        }
    }

    async fn a_new_address_or_username_is_not_the_password(site: Site) {
        let anna = site.register("anna").await;
        let password = "sea@bücher.example";
        change(&anna, PASSWORD, password).await.expect(204);
        let update = |email: &str, username: &str| {
            let body = json!({"email": email, "username": username, "present_password": password});
            anna.patch("/v1/me").if_match("*").json(body)
        };
        update("sea@xn--bcher-kva.example", "anna").await.expect(400).pointing_at("/email");
        change(&anna, password, "lighthouse-keepers").await.expect(204);
        let body = json!({"email": "anna@sea.example.com", "username": "LightHouse-Keepers", "present_password": "lighthouse-keepers"});
        anna.patch("/v1/me").if_match("*").json(body).await.expect(400).pointing_at("/username");
        let body = json!({"email": "anna@sea.example.com", "username": "keeper", "present_password": "lighthouse-keepers"});
        anna.patch("/v1/me").if_match("*").json(body).await.expect(200);
    }

    async fn a_password_works_in_every_unicode_spelling(site: Site) {
        register(&site.client(), COMPOSED).await.expect(201);
        for typed in [COMPOSED, DECOMPOSED] {
            login(&site, "anna.archer@example.com", typed).await.expect(200);
        }
        login(&site, "anna.archer@example.com", "Schlussel-cafe-geheim").await.expect(401);
    }

    async fn a_change_of_password_needs_the_present_one_and_ends_other_sessions(builder: SiteBuilder) {
        let site = with_short_log_interval(builder).open().await;
        let (here, second) = (site.register("anna").await, site.second_server().await);
        let elsewhere = here.again().await;
        elsewhere.at(&second).get("/v1/me").await.expect(200);
        change(&here, "not the password", NEW).await.expect(401).problem("invalid-credentials");
        for weak in ["password", "anna@example.com"] {
            change(&here, PASSWORD, weak).await.expect(400).pointing_at("/password");
        }
        elsewhere.at(&second).get("/v1/me").await.expect(200);
        change(&here, PASSWORD, NEW).await.expect(204);
        here.get("/v1/me").await.expect(200);
        elsewhere.at(&second).get("/v1/me").await.expect(401).problem("token-revoked");
        let refresh = json!({"refresh_token": elsewhere.refresh_token});
        site.client().post("/v1/auth/refresh").json(refresh).await.expect(401).problem("token-revoked");
        login(&site, &here.email, PASSWORD).await.expect(401);
        login(&site, &here.email, NEW).await.expect(200);
    }

    async fn a_reset_works_once_and_ends_all_sessions(builder: SiteBuilder) {
        let site = with_short_log_interval(builder).open().await;
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        let path = format!("/v1/admin/users/{}/password-reset", anna.id);
        let first = admin.post(&path).await.expect(200);
        let reset = admin.post(&path).await.expect(200);
        assert_eq!(reset.header("cache-control"), "no-store");
        let confirm = |token: &str, password: &str| {
            site.client().post("/v1/auth/password-reset/confirm").json(json!({"token": token, "password": password}))
        };
        confirm("nonsense", NEW).await.expect(401).problem("invalid-credentials");
        confirm(first.text("token"), NEW).await.expect(401).problem("invalid-credentials");
        confirm(reset.text("token"), "password").await.expect(400).pointing_at("/password");
        confirm(reset.text("token"), "anna@example.com").await.expect(400).pointing_at("/password");
        anna.get("/v1/me").await.expect(200);
        confirm(reset.text("token"), NEW).await.expect(204);
        confirm(reset.text("token"), NEW).await.expect(401);
        anna.get("/v1/me").await.expect(401).problem("token-revoked");
        login(&site, &anna.email, PASSWORD).await.expect(401);
        login(&site, &anna.email, NEW).await.expect(200);
    }

    async fn of_two_uses_of_a_reset_at_once_one_succeeds(builder: SiteBuilder) {
        let site = with_short_log_interval(builder).open().await;
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        let reset = admin.post(format!("/v1/admin/users/{}/password-reset", anna.id)).await.expect(200);
        let body = json!({"token": reset.text("token"), "password": NEW});
        let confirm = || async { site.client().post("/v1/auth/password-reset/confirm").json(body.clone()).await.status() };
        let mut statuses = futures_util::future::join_all((0..4).map(|_| confirm())).await;
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 401, 401, 401]);
    }

    async fn a_reset_expires_after_15_minutes(builder: SiteBuilder) {
        let site = with_short_log_interval(builder).at("2027-01-31T10:00:00Z").open().await;
        let anna = site.register("anna").await;
        let reset = site.admin().await.post(format!("/v1/admin/users/{}/password-reset", anna.id)).await.expect(200);
        site.pass(chrono::TimeDelta::minutes(16), &[]).await;
        let body = json!({"token": reset.text("token"), "password": NEW});
        site.client().post("/v1/auth/password-reset/confirm").json(body).await.expect(401).problem("invalid-credentials");
    }
}

on_backends! {
    [postgres_memory PostgresMemory, postgres_redis PostgresRedis]
    async fn an_older_hash_of_another_spelling_works_and_is_renewed(site: Site) {
        let anna = site.register("anna").await;
        let hash = || site.database().query(&format!("SELECT password_hash FROM users WHERE id = '{}'", anna.id));
        for typed in [DECOMPOSED, COMPOSED] {
            site.database().query(&format!("UPDATE users SET password_hash = '{HASH_OF_DECOMPOSED}' WHERE id = '{}'", anna.id));
            login(&site, &anna.email, "another one entirely").await.expect(401);
            login(&site, &anna.email, typed).await.expect(200);
            let renewed = hash();
            assert_ne!(renewed.trim(), HASH_OF_DECOMPOSED);
            login(&site, &anna.email, COMPOSED).await.expect(200);
            assert_eq!(hash(), renewed);
        }
    }
}
