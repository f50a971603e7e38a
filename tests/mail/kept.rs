//! Mails that are kept because there is no mail server.

use chrono::TimeDelta;
use harness::{Response, Site, SiteBuilder, User, backends, eventually, postgres_only};
use serde_json::{Value, json};

/// The kept mails, once there is one.
async fn kept(admin: &User) -> Vec<Value> {
    eventually("a mail is kept", async || {
        let page: Response = admin.get("/v1/admin/mails").await.expect(200);
        (!page.items().is_empty()).then(|| page.items().to_vec())
    })
    .await
}

async fn ask(site: &Site, email: &str) {
    site.client().post("/v1/auth/password-reset").json(json!({"email": email})).await.expect(202);
}

backends! {
    async fn administrators_read_kept_mails_and_others_do_not(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        ask(&site, &anna.email).await;
        let mails = kept(&admin).await;
        let (text, html) = (mails[0]["text"].as_str().unwrap(), mails[0]["html"].as_str().unwrap());
        assert_eq!((mails.len(), mails[0]["recipient"].as_str()), (1, Some("anna@example.com")));
        assert!(text.contains("/reset-password?token=") && text.contains("/v1/auth/password-reset/confirm (application/json) {\"token\": \""), "{text}");
        assert!(html.contains("<a href="), "{html}");
        let token = text.split("?token=").nth(1).and_then(|rest| rest.split_whitespace().next()).unwrap();
        let body = json!({"token": token, "password": "a lighthouse that keeps its own hours"});
        site.client().post("/v1/auth/password-reset/confirm").json(body).await.expect(204);
        let ben = site.register("ben").await;
        ben.get("/v1/admin/mails").await.expect(403).problem("forbidden");
    }

    async fn production_hides_links_and_tokens(builder: SiteBuilder) {
        let production = builder.set("ATELIER_ENV", "production").set("PAYMENT_PROVIDER", "manual");
        let site = production.set("REQUIRE_VERIFIED_EMAIL", false).open().await;
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        ask(&site, &anna.email).await;
        let mail = kept(&admin).await[0].to_string();
        assert!(mail.contains("token=(hidden)") && !mail.contains("token=0"), "{mail}");
    }
}

postgres_only! {
    async fn kept_mails_are_deleted_after_a_week(builder: SiteBuilder) {
        let site = builder.at("2027-01-31T10:00:00Z").open().await;
        let anna = site.register("anna").await;
        ask(&site, &anna.email).await;
        kept(&site.admin().await).await;
        site.pass(TimeDelta::days(6), &[]).await;
        assert_eq!(kept(&site.admin().await).await.len(), 1);
        site.pass(TimeDelta::days(2), &[]).await;
        let admin = site.admin().await;
        assert!(admin.get("/v1/admin/mails").await.expect(200).items().is_empty());
    }
}
