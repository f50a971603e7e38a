//! Who may delete an account, and what refuses the deleted user.

use std::future::IntoFuture;

use futures_util::future::join_all;
use harness::{ADMIN_PASSWORD, PASSWORD, Site, SiteBuilder, User, backends, eventually_true, on_backends, program};
use serde_json::json;

use super::{confirmed, delete, erased};

async fn open(builder: SiteBuilder) -> Site {
    builder.set("CHANGE_LOG_POLL_MS", 50).open().await
}

backends! {
    async fn every_credential_of_a_deleted_user_is_refused_on_every_server(builder: SiteBuilder) {
        let site = open(builder).await;
        let (admin, anna, second) = (site.admin().await, site.register("anna").await, site.second_server().await);
        let (other, key) = (anna.again().await, anna.create_key(&["me:read"]).await);
        let service = admin.create_service_key(&["me:read"]).await.of_user(&anna);
        for client in [&*anna, &*other, &*key, &service] {
            client.at(&second).get("/v1/me").await.expect(200);
        }
        let receipt = delete(&anna).await;
        for client in [&*anna, &*other] {
            client.at(&second).get("/v1/me").await.expect(401).problem("token-revoked");
        }
        key.at(&second).get("/v1/me").await.expect(401);
        service.at(&second).get("/v1/me").await.expect(403).problem("forbidden");
        let refresh = json!({"refresh_token": anna.refresh_token});
        site.client().post("/v1/auth/refresh").json(refresh).await.expect(401).problem("token-revoked");
        let login = json!({"email": anna.email, "password": PASSWORD});
        site.client().post("/v1/auth/login").json(login).await.expect(401).problem("invalid-credentials");
        erased(&site, &receipt).await;
        anna.get("/v1/me").await.expect(401).problem("token-revoked");
        key.get("/v1/me").await.expect(401).problem("invalid-credentials");
        admin.get(format!("/v1/admin/users/{}", anna.id)).await.expect(404);
        assert_eq!(admin.get("/v1/admin/users").await.expect(200).each("username"), ["admin"]);
    }

    async fn the_address_and_the_name_of_a_deleted_user_are_free(builder: SiteBuilder) {
        let site = open(builder).await;
        let first = site.register("anna").await;
        let receipt = delete(&first).await;
        let second = site.register("anna").await;
        assert_ne!(first.id, second.id);
        erased(&site, &receipt).await;
        assert_eq!(second.get("/v1/me").await.expect(200).text("email"), first.email);
        let receipt = delete(&second).await;
        erased(&site, &receipt).await;
        site.register("anna").await;
    }

    async fn requests_beside_a_deletion_are_refused_and_break_nothing(builder: SiteBuilder) {
        let site = open(builder).await;
        for round in 0..3 {
            let anna = site.register(&format!("anna{round}")).await;
            let change = json!({"present_password": "not the password", "password": "another lighthouse by the sea"});
            let requests = [
                anna.delete("/v1/me").json(confirmed()),
                anna.delete("/v1/me").json(confirmed()),
                anna.patch("/v1/me").if_match("*").json(json!({"display_name": "Anna"})),
                anna.post("/v1/auth/password").json(change),
                anna.post("/v1/auth/verify-email/resend"),
                anna.post("/v1/me/exports").idempotent(),
                anna.put("/v1/me/settings").if_match("*").json(json!({"language": "de"})),
                anna.get("/v1/me"),
            ];
            for response in join_all(requests.map(IntoFuture::into_future)).await {
                assert!(response.status() != 500 && response.status() != 404, "{response:?}");
            }
            eventually_true("the account is deleted", async || anna.get("/v1/me").await.status() == 401).await;
        }
    }

    async fn a_deletion_needs_a_session_and_the_present_password(site: Site) {
        let anna = site.register("anna").await;
        let key = anna.create_key(&["me:read", "me:write"]).await;
        key.delete("/v1/me").json(confirmed()).await.expect(403).problem("forbidden");
        anna.delete("/v1/me").json(json!({})).await.expect(400).pointing_at("/present_password");
        let wrong = json!({"present_password": "not the password"});
        anna.delete("/v1/me").json(wrong).await.expect(401).problem("invalid-credentials");
        anna.get("/v1/me").await.expect(200);
    }

    async fn the_last_administrator_stays(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        let body = || json!({"present_password": ADMIN_PASSWORD});
        admin.delete("/v1/me").json(body()).await.expect(403).problem("forbidden");
        admin.change(&format!("/v1/admin/users/{}", anna.id), json!({"role": "admin"})).await;
        admin.delete("/v1/me").json(body()).await.expect(202);
        anna.delete("/v1/me").json(confirmed()).await.expect(403).problem("forbidden");
    }
}

on_backends! {
    [sqlite_memory SqliteMemory, postgres_redis PostgresRedis]
    async fn an_operator_deletes_an_account_from_the_command_line(builder: SiteBuilder) {
        let site = open(builder).await;
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        anna.get("/v1/me").await.expect(200);
        let user = |arguments: &[&str]| program::run(&[&["user"], arguments].concat(), site.settings());
        assert!(user(&["delete", &admin.email]).fail().contains("last active administrator"));
        let printed = user(&["delete", &anna.email]).succeed();
        let receipt = printed.lines().find_map(|line| line.strip_prefix("receipt_url: ")).expect("a receipt").to_owned();
        anna.get("/v1/me").await.expect(401).problem("token-revoked");
        erased(&site, &receipt).await;
        assert!(user(&["show", &anna.id]).fail().contains("no such user"));
        User::sign_in(&site.client(), &admin.email, ADMIN_PASSWORD).await;
    }
}
