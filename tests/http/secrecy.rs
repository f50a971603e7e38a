//! The log contains no secret, at any level.

use harness::{Client, Key, PASSWORD, Site, SiteBuilder, User, backends, eventually_true, postgres_only};
use serde_json::json;

backends! {
    async fn no_secret_and_no_statement_is_logged(builder: SiteBuilder) {
        let site = builder.set("RUST_LOG", "debug").open().await;
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        admin.grant(&anna, 10).await;
        anna.spend(1).await;
        anna.try_spend(100).await.expect(402);
        let refresh = site.client().post("/v1/auth/refresh").json(json!({"refresh_token": anna.refresh_token})).await.expect(200);
        anna.get("/v1/chats/nonsense").await.expect(400);
        let is_logged = async || site.server().log().contains("status=400");
        eventually_true("the last request is logged", is_logged).await;
        let (log, settings) = (site.server().log(), site.settings());
        let tokens = [anna.token(), &anna.refresh_token, refresh.text("access_token"), refresh.text("refresh_token")];
        for secret in
            [PASSWORD, &settings["TOKEN_SECRET"], &settings["ADMIN_PASSWORD"], "SELECT ", "INSERT "].into_iter().chain(tokens)
        {
            assert!(!log.contains(secret), "the log contains {secret:?}");
        }
    }
}

/// Uses keys in every way that is logged: they are refused, misplaced, mistyped, revoked, and they work.
async fn use_keys(site: &Site, anna: &User, own: &Key, service: &Client) {
    own.get("/v1/me").await.expect(200);
    service.get("/v1/coins").await.expect(200);
    for client in [&**own, service] {
        client.get("/v1/chats").await.expect(403);
        client.get("/v1/coins/holds?cursor=nonsense").await;
    }
    site.client().bearing(&own.text).get("/v1/me").await.expect(401);
    site.client().with_key(format!("{}x", own.text)).get("/v1/me").await.expect(401);
    site.client().with_key(own.text.replacen("atl_u", "atl_s", 1)).get("/v1/me").await.expect(401);
    anna.get("/v1/me").header("X-API-Key", &own.text).await.expect(401);
    own.acting_for(&own.text).get("/v1/me").await.expect(400);
    anna.delete(format!("/v1/api-keys/{}", own.id)).await.expect(204);
    own.get("/v1/me").await.expect(401);
}

/// Asserts that neither the log nor the metrics contain the random characters of a key.
async fn check_hidden(site: &Site, texts: &[&str]) {
    let metrics = site.client().get("/metrics").undocumented().await.expect(200);
    let shown = site.server().log() + &String::from_utf8_lossy(metrics.body());
    for text in texts {
        assert!(!shown.contains(&text[11..]), "a key is shown");
    }
}

backends! {
    async fn a_key_is_never_logged_but_its_id_is(builder: SiteBuilder) {
        let site = builder.set("RUST_LOG", "trace").open().await;
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        let own = anna.create_key(&["me:read"]).await;
        let service = admin.create_service_key(&["coins:read"]).await;
        use_keys(&site, &anna, &own, &service.of_user(&anna)).await;
        service.of_user(&anna).get("/v1/coins?unknown=1").await.expect(400);
        let line = format!("user={} key={}", anna.id, service.id);
        eventually_true("the ids of the user and of the key are logged", async || site.server().log().contains(&line)).await;
        check_hidden(&site, &[&own.text, &service.text]).await;
    }
}

postgres_only! {
    async fn a_key_is_not_logged_when_the_server_fails(builder: SiteBuilder) {
        let site = builder.set("RUST_LOG", "trace").open().await;
        let anna = site.register("anna").await;
        let key = anna.create_key(&["me:read"]).await;
        // A row that contradicts its key: a bug.
        site.database().query(&format!("UPDATE api_keys SET user_id = NULL WHERE id = '{}'", key.id));
        key.get("/v1/me").await.expect(500);
        eventually_true("the failure is logged", async || site.server().log().contains("contradicts")).await;
        check_hidden(&site, &[&key.text]).await;
    }
}
