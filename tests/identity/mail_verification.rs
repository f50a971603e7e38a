//! Addresses that are verified by the link of a mail, and what requires it.

use std::future::IntoFuture;

use futures_util::future::join_all;
use harness::{Client, MailServer, PASSWORD, Request, Site, SiteBuilder, User, backends, eventually, eventually_true};
use serde_json::{Value, json};

fn verify(site: &Site, token: &str) -> Request {
    site.client().post("/v1/auth/verify-email").json(json!({"token": token}))
}

fn change_address(user: &User, email: &str) -> Request {
    user.patch("/v1/me").if_match("*").json(json!({"email": email, "present_password": PASSWORD}))
}

fn subscribe(user: &Client, key: &str) -> Request {
    user.post("/v1/subscription").key(key).json(json!({"plan_code": "plus"}))
}

fn token_in(mail: &Value) -> Option<String> {
    Some(mail["text"].as_str()?.split("?token=").nth(1)?.split_whitespace().next()?.to_owned())
}

/// The token of the newest mail to an address among the kept ones, once there are this many.
async fn kept_token(admin: &User, email: &str, count: usize) -> String {
    eventually("a mail is kept", async || {
        let page = admin.get("/v1/admin/mails").await.expect(200);
        let mut to = page.items().iter().filter(|mail| mail["recipient"] == email);
        let newest = to.next().filter(|_| to.count() + 1 >= count)?;
        token_in(newest)
    })
    .await
}

async fn started(builder: SiteBuilder) -> (Site, MailServer, User) {
    let (site, mails) = builder.open_with_mail().await;
    let anna = User::register_by_mail(&site.client(), &mails, "anna").await;
    (site, mails, anna)
}

backends! {
    async fn a_trial_requires_a_verified_address_if_the_site_asks_for_it(builder: SiteBuilder) {
        let site = builder.set("REQUIRE_VERIFIED_EMAIL", true).open().await;
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        subscribe(&anna, "one").await.expect(403).problem("email-not-verified");
        let first = kept_token(&admin, &anna.email, 1).await;
        anna.post("/v1/auth/verify-email/resend").await.expect(202);
        let second = kept_token(&admin, &anna.email, 2).await;
        verify(&site, &first).await.expect(401).problem("invalid-credentials");
        verify(&site, &second).await.expect(204);
        verify(&site, &second).await.expect(401);
        let me = anna.get("/v1/me").await.expect(200);
        assert!(me["email_verified_at"].is_string(), "{me:?}");
        // The refusal is not stored under its key.
        assert_eq!(subscribe(&anna, "one").await.expect(201).text("state"), "trialing");
        // A verified address gets no mail.
        anna.post("/v1/auth/verify-email/resend").await.expect(202);
        admin.post("/v1/auth/verify-email/resend").await.expect(202);
        let kept = admin.get("/v1/admin/mails").await.expect(200);
        assert_eq!(kept.items().len(), 2);
    }

    async fn a_user_of_the_command_line_or_of_a_link_is_verified(builder: SiteBuilder) {
        let (site, _, anna) = started(builder.set("REQUIRE_VERIFIED_EMAIL", true)).await;
        let admin = site.admin().await;
        assert!(admin.get("/v1/me").await.expect(200)["email_verified_at"].is_string());
        subscribe(&anna, "one").await.expect(201);
    }

    async fn of_links_that_are_asked_for_at_once_one_counts(builder: SiteBuilder) {
        let site = builder.set("REQUIRE_VERIFIED_EMAIL", true).open().await;
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        let asked = (0..4).map(|_| anna.post("/v1/auth/verify-email/resend").into_future());
        for response in join_all(asked).await {
            response.expect(202);
        }
        let sent = async || admin.get("/v1/admin/jobs?kind=send_mail&state=succeeded").await.expect(200).items().len();
        eventually_true("all jobs have ended", async || sent().await == 5).await;
        let mut verified = 0;
        for mail in admin.get("/v1/admin/mails").await.expect(200).items() {
            verified += usize::from(verify(&site, &token_in(mail).expect("a link")).await.status() == 204);
        }
        assert_eq!(verified, 1, "a link replaces the one before it");
    }

    async fn a_plan_without_a_trial_requires_no_verified_address(builder: SiteBuilder) {
        let site = builder.set("REQUIRE_VERIFIED_EMAIL", true).open().await;
        let anna = site.register("anna").await;
        anna.post("/v1/subscription").idempotent().json(json!({"plan_code": "pro"})).await.expect(201);
    }

    async fn a_new_address_counts_when_its_link_is_used(builder: SiteBuilder) {
        let (site, mails, anna) = started(builder).await;
        let elsewhere = anna.again().await;
        let changed = change_address(&anna, "anna@sea.example.com").await.expect(200);
        assert_eq!(changed.text("email"), anna.email);
        let told = mails.mail_to(&anna.email, 2).await;
        assert!(told.text.contains("anna@sea.example.com") && !told.text.contains("token="), "{}", told.text);
        let link = mails.mail_to("anna@sea.example.com", 1).await;
        assert!(link.text.contains("https://app.example.com/verify-email?token="), "{}", link.text);
        elsewhere.get("/v1/me").await.expect(200);
        let jobs = site.admin().await.get("/v1/admin/jobs").await.expect(200);
        assert!(jobs.items().len() > 1 && jobs.items().iter().all(|job| !job["payload"].to_string().contains('@')), "{jobs:?}");
        verify(&site, &link.token()).await.expect(204);
        verify(&site, &link.token()).await.expect(401);
        assert_eq!(anna.get("/v1/me").await.expect(200).text("email"), "anna@sea.example.com");
        elsewhere.get("/v1/me").await.expect(401).problem("token-revoked");
        User::sign_in(&site.client(), "anna@sea.example.com", PASSWORD).await;
        let former = json!({"email": anna.email, "password": PASSWORD});
        site.client().post("/v1/auth/login").json(former).await.expect(401);
        assert_eq!(mails.mail_to(&anna.email, 3).await.header("subject"), "Your e-mail address at Das Atelier was changed");
    }

    async fn a_taken_address_is_not_disclosed_and_its_owner_is_told(builder: SiteBuilder) {
        let (site, mails, anna) = started(builder).await;
        let ben = User::register_by_mail(&site.client(), &mails, "ben").await;
        let free = change_address(&anna, "free@example.com").await.expect(200);
        let first = mails.mail_to("free@example.com", 1).await.token();
        let taken = change_address(&anna, &ben.email).await.expect(200);
        assert_eq!(free.json(), taken.json());
        assert_eq!(mails.mail_to(&ben.email, 2).await.header("subject"), "You have an account at Das Atelier");
        // The second request replaced the first.
        verify(&site, &first).await.expect(401);
        let both = json!({"email": "other@example.com", "present_password": PASSWORD, "display_name": "Anna"});
        let changed = anna.patch("/v1/me").if_match("*").json(both).await.expect(200);
        assert_eq!((changed.text("email"), changed.text("display_name")), (anna.email.as_str(), "Anna"));
    }

    async fn a_user_asks_for_few_new_addresses(builder: SiteBuilder) {
        let (_site, _mails, anna) = started(builder.set("RATE_LIMIT_SIGN_IN", "1000/1")).await;
        for n in 0..5 {
            change_address(&anna, &format!("stranger{n}@example.com")).await.expect(200);
        }
        change_address(&anna, "stranger6@example.com").await.expect(429).problem("rate-limited");
    }

    async fn an_address_that_was_taken_meanwhile_is_refused(builder: SiteBuilder) {
        let (site, mails, anna) = started(builder).await;
        change_address(&anna, "ben@example.com").await.expect(200);
        let token = mails.mail_to("ben@example.com", 1).await.token();
        let body = json!({"email": "ben@example.com", "username": "ben", "password": PASSWORD});
        site.client().post("/v1/auth/register").json(body).await.expect(202);
        let registration = mails.mail_to("ben@example.com", 2).await.token();
        site.client().post("/v1/auth/register/confirm").json(json!({"token": registration, "password": PASSWORD})).await.expect(201);
        verify(&site, &token).await.expect(409).problem("email-taken");
        assert_eq!(anna.get("/v1/me").await.expect(200).text("email"), anna.email);
    }

    async fn a_change_of_the_password_voids_a_new_address(builder: SiteBuilder) {
        let (site, mails, anna) = started(builder).await;
        change_address(&anna, "thief@example.com").await.expect(200);
        let token = mails.mail_to("thief@example.com", 1).await.token();
        let change = json!({"present_password": PASSWORD, "password": "another lighthouse by the sea"});
        anna.post("/v1/auth/password").json(change).await.expect(204);
        verify(&site, &token).await.expect(401);
    }

    async fn without_mail_a_new_address_counts_at_once_and_is_unverified(builder: SiteBuilder) {
        let site = builder.open().await;
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        anna.post("/v1/auth/verify-email/resend").await.expect(202);
        verify(&site, &kept_token(&admin, &anna.email, 1).await).await.expect(204);
        let changed = change_address(&anna, "anna@sea.example.com").await.expect(200);
        assert_eq!(changed.text("email"), "anna@sea.example.com");
        assert!(changed["email_verified_at"].is_null(), "{changed:?}");
    }
}
