//! `atelier user`: the administration of users from the command line, effective on running servers.

use harness::{PASSWORD, Site, SiteBuilder, User, on_backends, program};
use serde_json::json;

fn user(site: &Site, arguments: &[&str]) -> program::CommandOutput {
    program::run(&[&["user"], arguments].concat(), site.settings())
}

async fn open(builder: SiteBuilder) -> Site {
    builder.set("CHANGE_LOG_POLL_MS", 50).open().await
}

on_backends! {
    [sqlite_memory SqliteMemory, postgres_redis PostgresRedis]
    async fn a_user_is_suspended_restored_promoted_and_signed_out(builder: SiteBuilder) {
        let site = open(builder).await;
        let anna = site.register("anna").await;
        anna.get("/v1/me").await.expect(200);
        let card = user(&site, &["suspend", &anna.email, "--reason", "Stolen accounts"]).succeed();
        assert!(card.contains("suspended: true") && card.contains("reason: Stolen accounts"), "{card}");
        anna.get("/v1/me").await.expect(403).problem("account-suspended");
        user(&site, &["restore", &anna.id]).succeed();
        anna.get("/v1/me").await.expect(200);
        anna.get("/v1/admin/users").await.expect(403);
        user(&site, &["role", &anna.email, "admin"]).succeed();
        anna.get("/v1/admin/users").await.expect(200);
        user(&site, &["role", &anna.email, "user"]).succeed();
        anna.get("/v1/admin/users").await.expect(403);
        user(&site, &["end-sessions", &anna.email]).succeed();
        anna.get("/v1/me").await.expect(401).problem("token-revoked");
    }
}

on_backends! {
    [sqlite_memory SqliteMemory, postgres_redis PostgresRedis]
    async fn a_lost_password_is_reset(builder: SiteBuilder) {
        let site = open(builder).await;
        let admin = site.admin().await;
        let printed = user(&site, &["reset-password", &admin.email]).succeed();
        let token = printed.lines().find_map(|line| line.strip_prefix("token: ")).expect("a token").to_owned();
        let body = json!({"token": token, "password": "a lighthouse that keeps its own hours"});
        site.client().post("/v1/auth/password-reset/confirm").json(body).await.expect(204);
        admin.get("/v1/me").await.expect(401);
        User::sign_in(&site.client(), &admin.email, "a lighthouse that keeps its own hours").await;
    }
}

on_backends! {
    [sqlite_memory SqliteMemory, postgres_redis PostgresRedis]
    async fn users_are_listed_and_refusals_are_explained(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        let list = user(&site, &["list"]).succeed();
        assert_eq!(list.lines().count(), 2, "{list}");
        assert!(list.lines().any(|line| line.contains(&anna.id) && line.ends_with("anna user")), "{list}");
        assert_eq!(user(&site, &["list", "--name", "AN"]).succeed().lines().count(), 1);
        assert!(user(&site, &["show", &anna.email]).succeed().contains("username: anna"));
        assert!(user(&site, &["show", "nobody@example.com"]).fail().contains("no such user"));
        let complaint = user(&site, &["show", "nonsense"]).fail_with(2);
        assert!(complaint.contains("e-mail address") && complaint.contains("ULID"), "{complaint}");
        assert!(user(&site, &["list", "--email", "nonsense"]).fail_with(2).contains("e-mail address"));
        assert!(user(&site, &["role", &admin.id, "user"]).fail().contains("last active administrator"));
        assert!(user(&site, &["suspend", &admin.id, "--reason", "x"]).fail().contains("last active administrator"));
        assert!(user(&site, &["suspend", &anna.id]).fail().contains("--reason"));
        User::sign_in(&site.client(), &anna.email, PASSWORD).await;
    }
}
