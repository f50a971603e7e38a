//! Registration on a site that sends mail: the link creates the account, and the answer discloses nothing.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use harness::{Client, MailServer, PASSWORD, Request, Response, Site, SiteBuilder, User, backends, on_backends, postgres_only};
use serde_json::json;

fn register(client: &Client, email: &str, username: &str) -> Request {
    client.post("/v1/auth/register").json(json!({"email": email, "username": username, "password": PASSWORD}))
}

fn confirm(site: &Site, token: &str) -> Request {
    site.client().post("/v1/auth/register/confirm").json(json!({"token": token, "password": PASSWORD}))
}

async fn login(site: &Site, email: &str) -> Response {
    site.client().post("/v1/auth/login").json(json!({"email": email, "password": PASSWORD})).await
}

/// All of a response that does not differ between any two registrations.
fn shape(response: &Response) -> (u16, BTreeSet<String>, String) {
    let members = response.json().as_object().unwrap().keys().cloned().collect();
    (response.status(), members, response.header("cache-control").to_owned())
}

async fn started(builder: SiteBuilder) -> (Site, MailServer, User) {
    let (site, mails) = builder.open_with_mail().await;
    let anna = User::register_by_mail(&site.client(), &mails, "anna").await;
    (site, mails, anna)
}

on_backends! {
    [sqlite_memory SqliteMemory, postgres_redis PostgresRedis]
    async fn an_address_gets_few_mails_from_strangers(builder: SiteBuilder) {
        let (site, mails) = builder.set("RATE_LIMIT_SIGN_IN", "1000/1").open_with_mail().await;
        for n in 0..5 {
            register(&site.client(), "anna@example.com", &format!("anna{n}")).await.expect(202);
        }
        register(&site.client(), "anna@example.com", "anna6").await.expect(429);
        register(&site.client(), "ben@example.com", "ben").await.expect(202);
        mails.mail_to("anna@example.com", 5).await;
    }
}

on_backends! {
    [sqlite_memory SqliteMemory, postgres_redis PostgresRedis]
    async fn the_link_of_a_stranger_s_registration_is_good_for_nobody(builder: SiteBuilder) {
        let (site, mails) = builder.open_with_mail().await;
        let stranger = json!({"email": "anna@example.com", "username": "stranger", "password": "known to the stranger"});
        site.client().post("/v1/auth/register").json(stranger).await.expect(202);
        let first = mails.mail_to("anna@example.com", 1).await.token();
        register(&site.client(), "anna@example.com", "anna").await.expect(202);
        confirm(&site, &first).await.expect(401).problem("invalid-credentials");
        let second = mails.mail_to("anna@example.com", 2).await.token();
        assert_eq!(confirm(&site, &second).await.expect(201).text("username"), "anna");
        User::sign_in(&site.client(), "anna@example.com", PASSWORD).await;
    }
}

backends! {
    async fn the_link_of_the_mail_creates_the_account(builder: SiteBuilder) {
        let (site, mails) = builder.open_with_mail().await;
        let pending = register(&site.client(), "anna@example.com", "anna").await.expect(202);
        assert!(pending["email_verified_at"].is_null());
        login(&site, "anna@example.com").await.expect(401).problem("invalid-credentials");
        let mail = mails.mail_to("anna@example.com", 1).await;
        assert_eq!(mail.header("subject"), "Confirm your registration at Das Atelier");
        assert!(mail.text.contains("https://app.example.com/confirm-registration?token="), "{}", mail.text);
        for wrong in ["nonsense", &mail.token()[..89], &format!("{}0", mail.token())] {
            confirm(&site, wrong).await.expect(401).problem("invalid-credentials");
        }
        let user = confirm(&site, &mail.token()).await.expect(201);
        assert_eq!((user.id(), user.text("username")), (pending.id(), "anna"));
        assert!(user["email_verified_at"].is_string(), "{user:?}");
        confirm(&site, &mail.token()).await.expect(401).problem("invalid-credentials");
        let anna = User::sign_in(&site.client(), "anna@example.com", PASSWORD).await;
        anna.get("/v1/coins").await.expect(200);
        anna.get("/v1/me/settings").await.expect(200);
    }

    async fn taken_addresses_and_names_get_the_same_answer(builder: SiteBuilder) {
        let (site, mails, anna) = started(builder).await;
        let free = register(&site.client(), "ben@example.com", "ben").await;
        let known = register(&site.client(), &anna.email, "carl").await;
        let named = register(&site.client(), "dora@example.com", "ANNA").await;
        assert_eq!((shape(&free).0, shape(&known), shape(&named)), (202, shape(&free), shape(&free)));
        let told = mails.mail_to(&anna.email, 2).await;
        assert_eq!(told.header("subject"), "You have an account at Das Atelier");
        assert!(!told.text.contains("token") && told.text.contains("Hello anna,"), "{}", told.text);
        let late = mails.mail_to("dora@example.com", 1).await.token();
        confirm(&site, &late).await.expect(409).problem("name-taken");
        // The link of another registration is not consumed by the refusal.
        confirm(&site, &late).await.expect(409).problem("name-taken");
        assert_eq!(User::sign_in(&site.client(), &anna.email, PASSWORD).await.id, anna.id);
    }

    async fn of_two_links_for_one_address_the_first_used_counts(builder: SiteBuilder) {
        let (site, mails) = builder.open_with_mail().await;
        for (number, username) in ["anna", "an-other"].into_iter().enumerate() {
            register(&site.client(), "anna@example.com", username).await.expect(202);
            mails.mail_to("anna@example.com", number + 1).await;
        }
        let (first, second) = (mails.mail_to("anna@example.com", 1).await, mails.mail_to("anna@example.com", 2).await);
        assert_eq!(confirm(&site, &first.token()).await.expect(201).text("username"), "anna");
        confirm(&site, &second.token()).await.expect(409).problem("email-taken");
    }

    async fn of_several_uses_at_once_one_creates_the_account(builder: SiteBuilder) {
        let (site, mails) = builder.open_with_mail().await;
        register(&site.client(), "anna@example.com", "anna").await.expect(202);
        let token = mails.mail_to("anna@example.com", 1).await.token();
        let mut statuses = futures_util::future::join_all((0..4).map(|_| async { confirm(&site, &token).await.status() })).await;
        statuses.sort_unstable();
        assert!(statuses[0] == 201 && statuses[1..].iter().all(|status| matches!(status, 401 | 409)), "{statuses:?}");
    }

    async fn a_weak_password_is_refused_at_once(builder: SiteBuilder) {
        let (site, mails) = builder.open_with_mail().await;
        let weak = json!({"email": "anna@example.com", "username": "anna", "password": "anna@example.com"});
        site.client().post("/v1/auth/register").json(weak).await.expect(400).pointing_at("/password");
        assert!(mails.received().is_empty());
    }
}

postgres_only! {
    async fn the_link_of_a_registration_expires_after_24_hours(builder: SiteBuilder) {
        let (site, mails) = builder.at("2027-01-31T10:00:00Z").open_with_mail().await;
        for (username, hours, status) in [("anna", 23, 201), ("ben", 25, 401)] {
            let email = format!("{username}@example.com");
            register(&site.client(), &email, username).await.expect(202);
            let token = mails.mail_to(&email, 1).await.token();
            site.pass(TimeDelta::hours(hours), &[]).await;
            confirm(&site, &token).await.expect(status);
        }
        let rows = site.database().query("SELECT count(*) FROM mail_tokens");
        assert_eq!(rows.trim(), "0", "expired and used tokens are deleted");
    }
}
