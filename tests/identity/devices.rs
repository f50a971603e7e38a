//! The sessions of a user: their devices and last use, and how they are ended.

use chrono::TimeDelta;
use harness::{Client, PASSWORD, Response, Site, SiteBuilder, Time, User, backends, eventually_true};
use serde_json::{Value, json};

const SESSIONS: &str = "/v1/auth/sessions";
const START: &str = "2027-01-31T10:00:00Z";

async fn log_in(client: &Client, email: &str, agent: &str, device: Option<&str>) -> Response {
    let mut body = json!({"email": email, "password": PASSWORD});
    if let Some(device) = device {
        body["device"] = json!(device);
    }
    client.post("/v1/auth/login").header("User-Agent", agent).header("X-Forwarded-For", "203.0.113.9").json(body).await
}

fn time(session: &Value, member: &str) -> Time {
    session[member].as_str().expect("a time").parse().expect("a time")
}

/// The number of sessions that the server has deleted.
async fn purged(site: &Site) -> u64 {
    let scraped = site.client().get("/metrics").undocumented().await.expect(200);
    let scraped = String::from_utf8(scraped.body().to_vec()).expect("UTF-8");
    let sample = "atelier_scheduled_task_items_total{task=\"purge_login_sessions\"} ";
    scraped.lines().find_map(|line| line.strip_prefix(sample)?.parse().ok()).expect("the number of deleted sessions")
}

async fn current(client: &Client) -> Value {
    let sessions = client.get(SESSIONS).await.expect(200);
    sessions.items().iter().find(|session| session["current"] == true).expect("the session itself").clone()
}

backends! {
    async fn a_user_sees_the_devices_of_the_own_sessions(site: Site) {
        let (anna, ben) = (site.register("anna").await, site.register("ben").await);
        let agent = format!("Agent/1 {}", "x".repeat(400));
        let login = log_in(&site.client(), &anna.email, &agent, Some("  Anna's phone ")).await.expect(200);
        let phone = site.client().bearing(login.text("access_token"));
        let sessions = phone.get(SESSIONS).await.expect(200);
        assert_eq!(sessions.items().len(), 2);
        let session = &sessions.items()[0];
        assert_eq!((&session["device"], &session["address"]), (&json!("Anna's phone"), &json!("203.0.113.9")));
        assert_eq!(session["user_agent"].as_str().map(str::len), Some(256));
        assert_eq!(sessions.items().iter().filter(|session| session["current"] == true).count(), 1);
        assert_eq!(session["current"], true);
        let page = phone.get(format!("{SESSIONS}?limit=1")).await.expect(200);
        let rest = phone.get(format!("{SESSIONS}?limit=1&cursor={}", page.text("next_cursor"))).await.expect(200);
        assert_eq!(rest.items(), &sessions.items()[1..]);
        assert_eq!(ben.get(SESSIONS).await.expect(200).items().len(), 1);
        let named = log_in(&site.client(), &anna.email, "x", Some("two\nlines")).await;
        named.expect(400).pointing_at("/device");
    }

    async fn a_refresh_renews_the_device_of_a_session(site: Site) {
        let anna = site.register("anna").await;
        let body = json!({"refresh_token": anna.refresh_token});
        let request = site.client().post("/v1/auth/refresh").header("User-Agent", "Agent/2").json(body);
        let tokens = request.await.expect(200);
        let session = current(&site.client().bearing(tokens.text("access_token"))).await;
        assert_eq!(session["user_agent"], "Agent/2");
    }

    async fn one_session_is_ended_on_every_server(builder: SiteBuilder) {
        let site = builder.set("CHANGE_LOG_POLL_MS", 50).open().await;
        let (here, ben, second) = (site.register("anna").await, site.register("ben").await, site.second_server().await);
        let elsewhere = here.again().await;
        elsewhere.at(&second).get("/v1/me").await.expect(200);
        let id = current(&elsewhere).await["id"].as_str().unwrap().to_owned();
        ben.delete(format!("{SESSIONS}/{id}")).await.expect(404).problem("not-found");
        elsewhere.get("/v1/me").await.expect(200);
        here.delete(format!("{SESSIONS}/{id}")).await.expect(204);
        elsewhere.at(&second).get("/v1/me").await.expect(401).problem("token-revoked");
        here.delete(format!("{SESSIONS}/{id}")).await.expect(404);
        assert_eq!(here.get(SESSIONS).await.expect(200).items().len(), 1);
    }

    async fn all_sessions_or_all_others_are_ended_on_every_server(builder: SiteBuilder) {
        let site = builder.set("CHANGE_LOG_POLL_MS", 50).open().await;
        let (here, second) = (site.register("anna").await, site.second_server().await);
        let others = [here.again().await, here.again().await];
        for other in &others {
            other.at(&second).get("/v1/me").await.expect(200);
        }
        here.post("/v1/auth/logout-all?except=other").await.expect(400).pointing_at("/query/except");
        here.post("/v1/auth/logout-all?except=current").await.expect(204);
        for other in &others {
            other.at(&second).get("/v1/me").await.expect(401).problem("token-revoked");
        }
        here.at(&second).get("/v1/me").await.expect(200);
        here.post("/v1/auth/logout-all").await.expect(204);
        here.at(&second).get("/v1/me").await.expect(401).problem("token-revoked");
        here.again().await.get("/v1/me").await.expect(200);
    }

    async fn the_last_use_is_written_at_most_once_a_minute(builder: SiteBuilder) {
        let site = builder.at(START).open().await;
        let anna = site.register("anna").await;
        let session = current(&anna).await;
        let first = time(&session, "last_used_at");
        assert_eq!(first, time(&session, "created_at"));
        site.pass(TimeDelta::seconds(30), &[]).await;
        anna.get("/v1/me").await.expect(200);
        site.pass(TimeDelta::seconds(1), &[]).await;
        assert_eq!(time(&current(&anna).await, "last_used_at"), first);
        site.pass(TimeDelta::seconds(60), &[]).await;
        anna.get("/v1/me").await.expect(200);
        let is_written = async || time(&current(&anna).await, "last_used_at") >= first + TimeDelta::seconds(60);
        eventually_true("the use is written", is_written).await;
    }

    async fn dead_sessions_are_deleted_when_their_last_token_has_expired(builder: SiteBuilder) {
        let site = builder.at(START).set("CHANGE_LOG_POLL_MS", 50).open().await;
        let anna = site.register("anna").await;
        for _ in 0..3 {
            anna.again().await;
        }
        anna.post("/v1/auth/logout-all?except=current").await.expect(204);
        let last = anna.again().await;
        last.post("/v1/auth/logout").await.expect(204);
        site.pass(TimeDelta::minutes(13), &[]).await;
        assert_eq!(purged(&site).await, 0);
        last.get("/v1/me").await.expect(401).problem("token-revoked");
        site.pass(TimeDelta::minutes(3), &[]).await;
        assert_eq!(purged(&site).await, 4);
        let refresh = |token: &str| site.client().post("/v1/auth/refresh").json(json!({"refresh_token": token}));
        refresh(&last.refresh_token).await.expect(401).problem("token-revoked");
        site.pass(TimeDelta::days(31), &[]).await;
        assert!(purged(&site).await > 4);
        refresh(&anna.refresh_token).await.expect(401).problem("token-revoked");
    }

    async fn a_session_that_ended_stays_ended_after_a_restart(builder: SiteBuilder) {
        let mut site = builder.set("CHANGE_LOG_POLL_MS", 50).open().await;
        let anna = site.register("anna").await;
        anna.post("/v1/auth/logout").await.expect(204);
        site.replace_server().await;
        site.client().bearing(anna.token()).get("/v1/me").await.expect(401).problem("token-revoked");
        User::sign_in(&site.client(), &anna.email, PASSWORD).await.get("/v1/me").await.expect(200);
    }
}
