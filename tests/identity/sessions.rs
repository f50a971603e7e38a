//! Sessions: refresh, reuse of a refresh token, logout.

use futures_util::future::join_all;
use harness::{Client, PASSWORD, Response, Site, User, backends, eventually, on_backends};
use serde_json::json;

async fn refresh(client: &Client, token: &str) -> Response {
    client.post("/v1/auth/refresh").json(json!({"refresh_token": token})).await
}

backends! {
    async fn a_refresh_replaces_both_tokens(site: Site) {
        let anna = site.register("anna").await;
        let tokens = refresh(&site.client(), &anna.refresh_token).await.expect(200);
        assert_ne!(tokens.text("refresh_token"), anna.refresh_token);
        let client = site.client().bearing(tokens.text("access_token"));
        assert_eq!(client.get("/v1/me").await.expect(200).id(), anna.id);
        refresh(&client, tokens.text("refresh_token")).await.expect(200);
    }

    async fn tabs_that_refresh_at_the_same_time_all_stay_signed_in(site: Site) {
        let anna = site.register("anna").await;
        let responses = join_all((0..4).map(|_| async { refresh(&site.client(), &anna.refresh_token).await })).await;
        for response in responses {
            let tokens = response.expect(200);
            site.client().bearing(tokens.text("access_token")).get("/v1/me").await.expect(200);
        }
    }

    async fn a_made_up_refresh_token_is_refused(site: Site) {
        let anna = site.register("anna").await;
        for token in ["", "x", &"x".repeat(4000), &anna.refresh_token[1..]] {
            let response = refresh(&site.client(), token).await;
            assert!(matches!(response.status(), 400 | 401), "{response:?}");
        }
        anna.get("/v1/me").await.expect(200);
    }

    async fn a_logout_ends_this_session_and_no_other(site: Site) {
        let phone = site.register("anna").await;
        let laptop = User::sign_in(&site.client(), &phone.email, PASSWORD).await;
        phone.post("/v1/auth/logout").await.expect(204);
        phone.get("/v1/me").await.expect(401).problem("token-revoked");
        phone.post("/v1/auth/logout").await.expect(401);
        refresh(&site.client(), &phone.refresh_token).await.expect(401);
        laptop.get("/v1/me").await.expect(200);
        refresh(&site.client(), &laptop.refresh_token).await.expect(200);
    }

    async fn a_logout_holds_on_another_server_at_once(site: Site) {
        let (anna, second) = (site.register("anna").await, site.second_server().await);
        anna.at(&second).get("/v1/me").await.expect(200);
        anna.post("/v1/auth/logout").await.expect(204);
        anna.at(&second).get("/v1/me").await.expect(401).problem("token-revoked");
    }
}

on_backends! {
    [sqlite_memory SqliteMemory, postgres_redis PostgresRedis]
    async fn a_refresh_token_used_again_after_the_grace_ends_its_session(site: Site) {
        let anna = site.register("anna").await;
        let tokens = refresh(&site.client(), &anna.refresh_token).await.expect(200);
        let refused = async || Some(refresh(&site.client(), &anna.refresh_token).await).filter(|response| response.status() != 200);
        eventually("the grace is over", refused).await.expect(401).problem("refresh-reused");
        let client = site.client().bearing(tokens.text("access_token"));
        client.get("/v1/me").await.expect(401).problem("token-revoked");
        refresh(&client, tokens.text("refresh_token")).await.expect(401);
        User::sign_in(&site.client(), &anna.email, PASSWORD).await.get("/v1/me").await.expect(200);
    }
}
