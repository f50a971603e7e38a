//! A change of the e-mail address: it requires the present password, ends other sessions, and discloses nothing about other users.

use harness::{PASSWORD, Response, Site, SiteBuilder, User, backends};
use serde_json::{Value, json};

/// The status and the body of a response without its request id.
fn outcome(response: &Response) -> (u16, Value) {
    let mut body = response.json().clone();
    body["request_id"].take();
    (response.status(), body)
}

backends! {
    async fn a_new_address_signs_in_and_the_old_one_does_not(site: Site) {
        let anna = site.register("anna").await;
        anna.change("/v1/me", json!({"email": "anna@sea.example.com", "present_password": PASSWORD})).await;
        User::sign_in(&site.client(), "anna@sea.example.com", PASSWORD).await;
        let login = json!({"email": anna.email, "password": PASSWORD});
        site.client().post("/v1/auth/login").json(login).await.expect(401).problem("invalid-credentials");
        let heir = json!({"email": anna.email, "username": "heir", "password": PASSWORD});
        let heir = site.client().post("/v1/auth/register").json(heir).await.expect(201);
        assert_eq!(User::sign_in(&site.client(), &anna.email, PASSWORD).await.id, heir.id());
    }

    async fn it_requires_the_present_password_and_ends_other_sessions(builder: SiteBuilder) {
        let site = builder.set("CHANGE_LOG_POLL_MS", 50).open().await;
        let (anna, second) = (site.register("anna").await, site.second_server().await);
        let elsewhere = anna.again().await;
        let change = |body: Value| anna.patch("/v1/me").if_match("*").json(body);
        change(json!({"email": "new@example.com"})).await.expect(400).pointing_at("/present_password");
        let wrong = json!({"email": "new@example.com", "present_password": "not the password"});
        change(wrong).await.expect(401).problem("invalid-credentials");
        change(json!({"email": anna.email, "display_name": "Anna"})).await.expect(200);
        elsewhere.at(&second).get("/v1/me").await.expect(200);
        change(json!({"email": "new@example.com", "present_password": PASSWORD})).await.expect(200);
        anna.get("/v1/me").await.expect(200);
        elsewhere.at(&second).get("/v1/me").await.expect(401).problem("token-revoked");
    }

    async fn without_the_password_nothing_is_learned_about_other_users(site: Site) {
        let (anna, ben) = (site.register("anna").await, site.register("ben").await);
        for password in [None, Some("not the password")] {
            let mut seen = Vec::new();
            for email in [ben.email.as_str(), "nobody@example.com"] {
                for username in ["ben", "free-name"] {
                    let mut change = json!({"email": email, "username": username});
                    if let Some(password) = password {
                        change["present_password"] = json!(password);
                    }
                    seen.push(outcome(&anna.patch("/v1/me").if_match("*").json(change).await));
                }
            }
            assert!(seen.iter().all(|one| *one == seen[0] && matches!(one.0, 400 | 401)), "{seen:?}");
        }
        let taken = json!({"email": ben.email, "present_password": PASSWORD});
        anna.patch("/v1/me").if_match("*").json(taken).await.expect(409).problem("email-taken");
    }
}
