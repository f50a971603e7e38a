//! Token secrets that differ between servers, and their replacement without an interruption.

use harness::{Server, Settings, Site, SiteBuilder, User, backends, program};
use serde_json::json;

const OLD: &str = "a secret that is long enough for the suite";
const NEW: &str = "another secret that is long enough for the suite";

/// The settings of a site with other secrets.
fn with_secrets(site: &Site, secret: &str, accepted: &str) -> Settings {
    let mut settings = site.settings().clone();
    settings.insert("TOKEN_SECRET".into(), secret.into());
    settings.insert("TOKEN_SECRETS_ACCEPTED".into(), accepted.into());
    settings
}

async fn is_accepted_by(user: &User, servers: [&Server; 2]) {
    for server in servers {
        user.at(server).get("/v1/me").await.expect(200);
        let refreshed = user.at(server).post("/v1/auth/refresh").json(json!({"refresh_token": user.refresh_token})).await;
        user.at(server).bearing(refreshed.expect(200).text("access_token")).get("/v1/me").await.expect(200);
    }
}

backends! {
    async fn a_server_whose_secret_differs_from_a_live_ones_does_not_start(site: Site) {
        let anna = site.register("anna").await;
        for settings in [with_secrets(&site, NEW, ""), with_secrets(&site, NEW, OLD)] {
            let complaint = program::run(&["serve"], settings).fail_with(1);
            assert!(complaint.contains("TOKEN_SECRETS_ACCEPTED") && !complaint.contains("long enough"), "{complaint}");
        }
        anna.get("/v1/me").await.expect(200);
    }

    async fn the_secret_is_replaced_while_servers_run(builder: SiteBuilder) {
        let site = builder.set("TOKEN_SECRETS_ACCEPTED", NEW).open().await;
        let anna = site.register("anna").await;
        let second = Server::start_at(&with_secrets(&site, NEW, OLD), None).await;
        let ben = User::register(&site.client().at(&second), "ben").await;
        is_accepted_by(&anna, [site.server(), &second]).await;
        is_accepted_by(&ben, [site.server(), &second]).await;
    }

    async fn a_command_is_not_refused(site: Site) {
        let arguments = ["user", "create", "--email", "ben@example.com", "--username", "ben"];
        assert!(program::run(&arguments, with_secrets(&site, NEW, "")).succeed().contains("username: ben"));
    }
}
