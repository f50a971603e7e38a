//! Registration and login.

use std::time::{Duration, Instant};

use harness::{Client, PASSWORD, Response, Site, backends};
use serde_json::json;

fn registration(email: &str, username: &str) -> serde_json::Value {
    json!({"email": email, "username": username, "password": PASSWORD})
}

async fn login(client: &Client, email: &str, password: &str) -> Response {
    client.post("/v1/auth/login").json(json!({"email": email, "password": password})).await
}

backends! {
    async fn registering_answers_the_new_user(site: Site) {
        let user = site.client().post("/v1/auth/register").json(registration("anna@example.com", "anna")).await.expect(201);
        assert_eq!((user.text("email"), user.text("username"), user.text("role")), ("anna@example.com", "anna", "user"));
        assert_eq!(user.id().len(), 26);
        assert!(!String::from_utf8_lossy(user.body()).contains(PASSWORD));
    }

    async fn one_mailbox_has_one_account(site: Site) {
        let client = site.client();
        let user = client.post("/v1/auth/register").json(registration(" Anna@Example.COM ", "anna")).await.expect(201);
        assert_eq!(user.text("email"), "anna@example.com");
        let again = client.post("/v1/auth/register").json(registration("ANNA@example.com", "other")).await;
        again.expect(409).problem("email-taken");
        login(&client, "anna@EXAMPLE.com", PASSWORD).await.expect(200);
    }

    async fn a_username_is_taken_without_regard_to_case(site: Site) {
        site.register("anna").await;
        let again = site.client().post("/v1/auth/register").json(registration("other@example.com", "ANNA")).await;
        again.expect(409).problem("name-taken");
    }

    async fn of_two_registrations_at_once_one_succeeds(site: Site) {
        let client = site.client();
        let register = || async { client.post("/v1/auth/register").json(registration("anna@example.com", "anna")).await };
        let responses = futures_util::future::join_all((0..4).map(|_| register())).await;
        let mut statuses: Vec<u16> = responses.iter().map(Response::status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409, 409, 409]);
    }

    async fn an_invalid_registration_is_reported_with_its_pointer(site: Site) {
        let faults = [
            ("/email", json!({"email": "anna", "username": "anna", "password": PASSWORD})),
            ("/username", json!({"email": "anna@example.com", "username": "a b", "password": PASSWORD})),
            ("/username", json!({"email": "anna@example.com", "password": PASSWORD})),
            ("/password", json!({"email": "anna@example.com", "username": "anna", "password": "short"})),
            ("/password", json!({"email": "anna@example.com", "username": "anna", "password": 12_345_678})),
            ("/role", json!({"email": "anna@example.com", "username": "anna", "password": PASSWORD, "role": "admin"})),
        ];
        for (pointer, body) in faults {
            let response = site.client().post("/v1/auth/register").json(body).await;
            response.expect(400).problem("validation-failed").pointing_at(pointer);
        }
    }

    async fn a_login_answers_tokens_that_work(site: Site) {
        let anna = site.register("anna").await;
        let tokens = login(&site.client(), &anna.email, PASSWORD).await.expect(200);
        assert_eq!((tokens.text("token_type"), tokens.number("expires_in")), ("Bearer", 900));
        let me = site.client().bearing(tokens.text("access_token")).get("/v1/me").await.expect(200);
        assert_eq!(me.id(), anna.id);
    }

    async fn a_wrong_password_and_an_unknown_address_get_the_same_answer(site: Site) {
        let anna = site.register("anna").await;
        let mut responses = Vec::new();
        for email in [anna.email.as_str(), "nobody@example.com"] {
            let response = login(&site.client(), email, "wrong horse").await.expect(401).problem("invalid-credentials");
            let mut body = response.json().clone();
            body["request_id"].take();
            responses.push((body, response.header("www-authenticate").to_owned()));
        }
        assert_eq!(responses[0], responses[1]);
    }

    async fn a_wrong_password_and_an_unknown_address_cost_the_same_time(site: Site) {
        let anna = site.register("anna").await;
        let mut fastest = [Duration::MAX; 2];
        // Other work on the machine only adds time, so the fastest of enough attempts shows the cost of each.
        let alike = |[wrong, unknown]: [Duration; 2]| (0.5..2.0).contains(&(wrong.as_secs_f64() / unknown.as_secs_f64()));
        for round in 0..60 {
            for (fastest, email) in fastest.iter_mut().zip([anna.email.as_str(), "nobody@example.com"]) {
                let start = Instant::now();
                login(&site.client(), email, "wrong horse").await.expect(401);
                *fastest = start.elapsed().min(*fastest);
            }
            if round >= 6 && alike(fastest) {
                return;
            }
        }
        panic!("wrong password {:?}, unknown address {:?}", fastest[0], fastest[1]);
    }

    async fn an_address_that_was_tried_in_vain_can_be_registered_and_used_at_once(site: Site) {
        login(&site.client(), "anna@example.com", PASSWORD).await.expect(401);
        site.register("anna").await;
    }
}
