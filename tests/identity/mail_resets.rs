//! Passwords that are reset by the link of a mail.

use chrono::TimeDelta;
use harness::{Client, PASSWORD, Request, Site, SiteBuilder, User, backends, postgres_only};
use serde_json::json;

const NEW: &str = "a lighthouse that keeps its own hours";

fn request(client: &Client, email: &str) -> Request {
    client.post("/v1/auth/password-reset").json(json!({"email": email}))
}

fn confirm(site: &Site, token: &str) -> Request {
    site.client().post("/v1/auth/password-reset/confirm").json(json!({"token": token, "password": NEW}))
}

backends! {
    async fn the_link_sets_a_new_password_once(builder: SiteBuilder) {
        let (site, mails) = builder.open_with_mail().await;
        let anna = User::register_by_mail(&site.client(), &mails, "anna").await;
        request(&site.client(), " Anna@Example.com ").await.expect(202);
        let first = mails.mail_to(&anna.email, 2).await;
        assert_eq!(first.header("subject"), "Set a new password at Das Atelier");
        assert!(first.text.contains("https://app.example.com/reset-password?token="), "{}", first.text);
        request(&site.client(), &anna.email).await.expect(202);
        let second = mails.mail_to(&anna.email, 3).await;
        confirm(&site, &first.token()).await.expect(401).problem("invalid-credentials");
        anna.get("/v1/me").await.expect(200);
        confirm(&site, &second.token()).await.expect(204);
        confirm(&site, &second.token()).await.expect(401);
        anna.get("/v1/me").await.expect(401).problem("token-revoked");
        User::sign_in(&site.client(), &anna.email, NEW).await;
    }

    async fn an_unknown_address_gets_the_same_answer_and_no_mail(builder: SiteBuilder) {
        let (site, mails) = builder.open_with_mail().await;
        let anna = User::register_by_mail(&site.client(), &mails, "anna").await;
        let unknown = request(&site.client(), "nobody@example.com").await.expect(202);
        let known = request(&site.client(), &anna.email).await.expect(202);
        assert!(unknown.body().is_empty() && known.body().is_empty());
        mails.mail_to(&anna.email, 2).await;
        assert!(mails.received().iter().all(|mail| mail.recipient == anna.email), "{:?}", mails.received());
        request(&site.client(), "no address").await.expect(202);
    }

    async fn requests_are_limited_for_known_and_unknown_addresses_alike(builder: SiteBuilder) {
        let (site, mails) = builder.open_with_mail().await;
        let anna = User::register_by_mail(&site.client(), &mails, "anna").await;
        for email in [anna.email.as_str(), "nobody@example.com"] {
            let mut statuses = Vec::new();
            for _ in 0..6 {
                statuses.push(request(&site.client(), email).await.status());
            }
            assert_eq!(statuses, [202, 202, 202, 202, 202, 429], "{email}");
        }
        User::sign_in(&site.client(), &anna.email, PASSWORD).await;
    }

    async fn links_of_a_mail_and_of_an_administrator_replace_each_other(builder: SiteBuilder) {
        let (site, mails) = builder.open_with_mail().await;
        let anna = User::register_by_mail(&site.client(), &mails, "anna").await;
        request(&site.client(), &anna.email).await.expect(202);
        let by_mail = mails.mail_to(&anna.email, 2).await.token();
        let reset = site.admin().await.post(format!("/v1/admin/users/{}/password-reset", anna.id)).await.expect(200);
        confirm(&site, &by_mail).await.expect(401);
        confirm(&site, reset.text("token")).await.expect(204);
    }

    async fn a_change_of_the_password_voids_the_link(builder: SiteBuilder) {
        let (site, mails) = builder.open_with_mail().await;
        let anna = User::register_by_mail(&site.client(), &mails, "anna").await;
        request(&site.client(), &anna.email).await.expect(202);
        let token = mails.mail_to(&anna.email, 2).await.token();
        let change = json!({"present_password": PASSWORD, "password": "another lighthouse by the sea"});
        anna.post("/v1/auth/password").json(change).await.expect(204);
        confirm(&site, &token).await.expect(401);
    }

    async fn a_token_of_another_purpose_is_refused(builder: SiteBuilder) {
        let (site, mails) = builder.open_with_mail().await;
        let anna = User::register_by_mail(&site.client(), &mails, "anna").await;
        request(&site.client(), &anna.email).await.expect(202);
        let token = mails.mail_to(&anna.email, 2).await.token();
        let registration = json!({"token": token, "password": PASSWORD});
        for (path, body) in [("/v1/auth/register/confirm", registration), ("/v1/auth/verify-email", json!({"token": token}))] {
            site.client().post(path).json(body).await.expect(401).problem("invalid-credentials");
        }
        confirm(&site, &token).await.expect(204);
    }
}

postgres_only! {
    async fn the_link_of_a_reset_expires_after_15_minutes(builder: SiteBuilder) {
        let (site, mails) = builder.at("2027-01-31T10:00:00Z").open_with_mail().await;
        let anna = User::register_by_mail(&site.client(), &mails, "anna").await;
        for (number, minutes, status) in [(2, 14, 204), (3, 16, 401)] {
            request(&site.client(), &anna.email).await.expect(202);
            let token = mails.mail_to(&anna.email, number).await.token();
            site.pass(TimeDelta::minutes(minutes), &[]).await;
            confirm(&site, &token).await.expect(status);
        }
    }
}
