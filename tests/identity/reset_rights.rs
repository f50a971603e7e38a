//! Who may reset the password of whom: a reset must not give its issuer, or the holder of its token, more rights.

use chrono::TimeDelta;
use harness::{Client, PASSWORD, Response, Site, SiteBuilder, User, backends, rfc3339};
use serde_json::json;

const NEW: &str = "a lighthouse that keeps its own hours";
const START: &str = "2027-01-31T10:00:00Z";

fn in_an_hour(site: &Site) -> String {
    rfc3339(site.now() + TimeDelta::hours(1))
}

async fn reset(by: &Client, subject: &User) -> Response {
    by.post(format!("/v1/admin/users/{}/password-reset", subject.id)).await
}

/// The token of a reset.
async fn token(by: &Client, subject: &User) -> String {
    reset(by, subject).await.expect(200).text("token").to_owned()
}

async fn confirm(site: &Site, token: &str) -> Response {
    site.client().post("/v1/auth/password-reset/confirm").json(json!({"token": token, "password": NEW})).await
}

async fn set_role(by: &Client, subject: &User, role: &str) -> Response {
    by.patch(format!("/v1/admin/users/{}", subject.id)).if_match("*").json(json!({"role": role})).await
}

backends! {
    async fn a_key_of_an_administrator_changes_no_roles_and_resets_no_administrators(site: Site) {
        let (admin, anna, ben) = (site.admin().await, site.register("anna").await, site.register("ben").await);
        set_role(&admin, &ben, "admin").await.expect(200);
        for key in [admin.create_key(&["users:admin"]).await, admin.create_service_key(&["users:admin"]).await] {
            set_role(&key, &anna, "admin").await.expect(403).problem("forbidden");
            set_role(&key, &ben, "user").await.expect(403).problem("forbidden");
            reset(&key, &ben).await.expect(403).problem("forbidden");
            reset(&key, &anna).await.expect(200);
        }
        let own = admin.create_key(&["users:admin"]).await;
        reset(&own, &admin).await.expect(403).problem("forbidden");
        reset(&admin, &ben).await.expect(200);
    }

    async fn nobody_resets_their_own_password(builder: SiteBuilder) {
        let site = builder.at(START).open().await;
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        admin.permit(&anna, "users:admin", &in_an_hour(&site)).await;
        for client in [&*admin, &*anna] {
            let own = client.get("/v1/me").await.expect(200).id().to_owned();
            let refused = client.post(format!("/v1/admin/users/{own}/password-reset")).await.expect(403).problem("forbidden");
            assert!(refused.text("detail").contains("/v1/auth/password"), "{refused:?}");
        }
    }

    async fn a_permission_resets_no_password_of_a_user_with_rights(builder: SiteBuilder) {
        let site = builder.at(START).open().await;
        let (admin, anna, ben) = (site.admin().await, site.register("anna").await, site.register("ben").await);
        admin.permit(&anna, "users:admin", &in_an_hour(&site)).await;
        reset(&anna, &ben).await.expect(200);
        let granted = admin.permit(&ben, "coins:admin", &in_an_hour(&site)).await;
        reset(&anna, &ben).await.expect(403).problem("forbidden");
        reset(&admin, &ben).await.expect(200);
        admin.delete(format!("/v1/admin/users/{}/grants/{}", ben.id, granted.id())).await.expect(204);
        reset(&anna, &ben).await.expect(200);
    }

    async fn a_token_does_not_outlive_the_right_of_its_issuer(builder: SiteBuilder) {
        let site = builder.at(START).set("CHANGE_LOG_POLL_MS", 50).open().await;
        let (admin, anna, ben) = (site.admin().await, site.register("anna").await, site.register("ben").await);
        set_role(&admin, &ben, "admin").await.expect(200);
        let of_session = token(&ben, &anna).await;
        set_role(&admin, &ben, "user").await.expect(200);
        confirm(&site, &of_session).await.expect(401);
        let granted = admin.permit(&ben, "users:admin", &in_an_hour(&site)).await;
        let of_permission = token(&ben, &anna).await;
        admin.delete(format!("/v1/admin/users/{}/grants/{}", ben.id, granted.id())).await.expect(204);
        confirm(&site, &of_permission).await.expect(401);
        let key = admin.create_service_key(&["users:admin"]).await;
        let of_key = token(&key, &anna).await;
        admin.revoke_service_key(&key).await;
        confirm(&site, &of_key).await.expect(401);
        let elsewhere = site.admin().await;
        let of_ended = token(&elsewhere, &anna).await;
        elsewhere.post("/v1/auth/logout").await.expect(204);
        confirm(&site, &of_ended).await.expect(401);
        let valid = token(&admin, &anna).await;
        confirm(&site, &valid).await.expect(204);
        User::sign_in(&site.client(), &anna.email, NEW).await;
    }

    async fn a_token_does_not_outlive_a_promotion_of_its_subject(builder: SiteBuilder) {
        let site = builder.at(START).set("CHANGE_LOG_POLL_MS", 50).open().await;
        let (admin, anna, ben) = (site.admin().await, site.register("anna").await, site.register("ben").await);
        let before = token(&admin, &anna).await;
        set_role(&admin, &anna, "admin").await.expect(200);
        confirm(&site, &before).await.expect(401);
        let before = token(&admin, &ben).await;
        admin.permit(&ben, "coins:admin", &in_an_hour(&site)).await;
        confirm(&site, &before).await.expect(401);
        User::sign_in(&site.client(), &ben.email, PASSWORD).await;
    }
}
