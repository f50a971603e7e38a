//! The administrator of the settings: created once in the life of an installation.

use harness::{ADMIN_PASSWORD, Server, Settings, Site, SiteBuilder, User, backends, on_backends, program};
use serde_json::json;

/// The addresses of the administrators, as one of them sees them.
async fn administrators(admin: &User) -> Vec<String> {
    let users = admin.get("/v1/admin/users?limit=100").await.expect(200);
    let admins = users.items().iter().filter(|user| user["role"] == "admin");
    admins.map(|user| user["email"].as_str().expect("an address").to_owned()).collect()
}

/// The settings of a site with an administrator.
fn settings(site: &Site, admin: &str) -> Settings {
    let mut settings = site.settings().clone();
    settings.extend([("ADMIN_EMAIL".into(), admin.into()), ("ADMIN_PASSWORD".into(), ADMIN_PASSWORD.into())]);
    settings
}

backends! {
    async fn a_new_address_of_the_administrator_makes_no_second_one(mut site: Site) {
        let admin = site.admin().await;
        admin.change("/v1/me", json!({"email": "boss@example.com", "present_password": ADMIN_PASSWORD})).await;
        site.replace_server().await;
        let login = json!({"email": "admin@example.com", "password": ADMIN_PASSWORD});
        site.client().post("/v1/auth/login").json(login).await.expect(401);
        let _third = site.server_with("ADMIN_EMAIL", "third@example.com").await;
        let boss = User::sign_in(&site.client(), "boss@example.com", ADMIN_PASSWORD).await;
        assert_eq!(administrators(&boss).await, ["boss@example.com"]);
    }

    async fn of_servers_that_start_together_one_creates_the_administrator(builder: SiteBuilder) {
        let (site, _others) = builder.open_with_others(2).await;
        assert_eq!(administrators(&site.admin().await).await, ["admin@example.com"]);
    }

    async fn an_address_of_another_user_fails_the_start(builder: SiteBuilder) {
        let site = builder.without("ADMIN_EMAIL").without("ADMIN_PASSWORD").open().await;
        let anna = site.register("anna").await;
        let complaint = program::run(&["serve"], settings(&site, &anna.email)).fail();
        assert!(complaint.contains("ADMIN_EMAIL") && complaint.contains("not an administrator"), "{complaint}");
        assert_eq!(anna.get("/v1/me").await.expect(200).text("role"), "user");
    }

    async fn the_administrator_is_created_on_the_first_start_with_the_settings(builder: SiteBuilder) {
        let site = builder.without("ADMIN_EMAIL").without("ADMIN_PASSWORD").open().await;
        let _server = Server::start_at(&settings(&site, "late@example.com"), None).await;
        let late = User::sign_in(&site.client(), "late@example.com", ADMIN_PASSWORD).await;
        assert_eq!(administrators(&late).await, ["late@example.com"]);
    }
}

on_backends! {
    [postgres_memory PostgresMemory, postgres_redis PostgresRedis]
    async fn an_installation_from_before_the_record_gets_no_second_one(site: Site) {
        site.database().query("DELETE FROM installation");
        let _second = site.server_with("ADMIN_EMAIL", "second@example.com").await;
        assert_eq!(administrators(&site.admin().await).await, ["admin@example.com"]);
        assert_eq!(site.database().query("SELECT COUNT(*) FROM installation").trim(), "1");
    }
}
