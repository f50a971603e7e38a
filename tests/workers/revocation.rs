//! What a write waits for when the servers have different settings.

use std::time::Instant;

use futures_util::future::join_all;
use harness::{SiteBuilder, backends, on_backends};
use serde_json::json;

/// The interval of a server whose D is long.
const SLOW_MS: u64 = 1500;

backends! {
    async fn a_logout_on_a_server_that_polls_often_holds_on_one_that_polls_seldom(builder: SiteBuilder) {
        let site = builder.set("CHANGE_LOG_POLL_MS", 10).open().await;
        let slow = site.server_with("CHANGE_LOG_POLL_MS", &SLOW_MS.to_string()).await;
        let users = join_all(["anna", "ben", "cleo", "dora"].map(|name| site.register(name))).await;
        for user in &users {
            user.at(&slow).get("/v1/me").await.expect(200);
        }
        let log_out = async |user: &harness::User| {
            user.post("/v1/auth/logout").await.expect(204);
            user.at(&slow).get("/v1/me").await.expect(401).problem("token-revoked");
        };
        join_all(users.iter().map(log_out)).await;
    }
}

on_backends! {
    [sqlite_memory SqliteMemory, postgres_redis PostgresRedis]
    async fn a_server_that_is_alone_waits_for_nobody(builder: SiteBuilder) {
        let site = builder.set("CHANGE_LOG_POLL_MS", 10_000).open().await;
        let anna = site.register("anna").await;
        let began = Instant::now();
        anna.post("/v1/auth/logout").await.expect(204);
        assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
        anna.get("/v1/me").await.expect(401);
    }
}

on_backends! {
    [sqlite_memory SqliteMemory, postgres_redis PostgresRedis]
    async fn a_server_that_starts_meanwhile_accepts_no_ended_session(builder: SiteBuilder) {
        let site = builder.set("CHANGE_LOG_POLL_MS", 10).open().await;
        let anna = site.register("anna").await;
        let (second, ()) = tokio::join!(site.server_with("CHANGE_LOG_POLL_MS", "5000"), async {
            anna.post("/v1/auth/logout").await.expect(204);
        });
        anna.at(&second).get("/v1/me").await.expect(401);
        anna.at(&second).post("/v1/auth/refresh").json(json!({"refresh_token": anna.refresh_token})).await.expect(401);
    }
}
