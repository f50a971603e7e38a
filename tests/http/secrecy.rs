//! The log contains no secret, at any level.

use harness::{PASSWORD, SiteBuilder, backends, eventually_true};
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
