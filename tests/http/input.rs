//! Invalid input: every malformed part of a request gets a problem that names the part.

use harness::{Document, Operation, Site, backends};
use reqwest::Method;
use serde_json::json;

backends! {
    async fn a_path_that_does_not_exist_is_a_problem(site: Site) {
        let anna = site.register("anna").await;
        for path in ["/v1", "/v1/nothing", "/v1/coins/", "/v1/characters/a/b", "/v2/coins", "/%2e%2e/etc/passwd"] {
            anna.get(path).undocumented().await.expect(404).problem("not-found");
        }
    }

    async fn an_unsupported_method_gets_the_allowed_methods(site: Site) {
        let anna = site.register("anna").await;
        for (method, path, allowed) in
            [(Method::DELETE, "/v1/plans", "GET"), (Method::GET, "/v1/auth/login", "POST"), (Method::POST, "/v1/me", "PATCH")]
        {
            let response = anna.request(method, path).undocumented().await.expect(405);
            assert!(response.header("allow").split(", ").any(|method| method == allowed), "{response:?}");
        }
    }

    async fn a_body_that_is_not_json_is_a_problem(site: Site) {
        let client = site.client();
        let bodies: [&[u8]; 9] =
            [b"", b"{", b"{\"email\": }", b"null", b"[]", b"\"text\"", b"{}x", b"{\"email\": \"\xff\"}", b"\x00"];
        for body in bodies {
            client.post("/v1/auth/login").raw("application/json", body).await.expect(400).problem("validation-failed");
        }
    }

    async fn a_repeated_member_is_refused_and_has_no_effect(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        admin.grant(&anna, 10).await;
        let spend = r#"{"amount": 1, "purpose": "a picture", "amount": 7}"#;
        let response = anna.post("/v1/coins/spend").idempotent().raw("application/json", spend).await;
        response.expect(400).problem("validation-failed").pointing_at("/amount");
        assert_eq!(anna.balance().await, 10);
        let nested = r#"{"default_model": "quill-1", "profile": {"a": [{"b": 1, "b": 1}]}}"#;
        let response = anna.put("/v1/me/settings").if_match("*").raw("application/json", nested).await;
        response.expect(400).pointing_at("/profile/a/0/b");
    }

    async fn a_change_without_a_body_is_refused_and_has_no_effect(site: Site) {
        let anna = site.register("anna").await;
        let settings = json!({"profile": "I live by the sea.", "max_group_reply_rounds": 5});
        anna.put("/v1/me/settings").if_match("*").json(settings).await.expect(200);
        anna.put("/v1/me/settings").if_match("*").await.expect(400).problem("validation-failed").pointing_at("");
        anna.put("/v1/me/settings").if_match("*").raw("application/json", "").await.expect(400).pointing_at("");
        assert_eq!(anna.get("/v1/me/settings").await.expect(200).text("profile"), "I live by the sea.");
    }

    async fn a_body_that_the_document_requires_must_be_sent(site: Site) {
        let admin = site.admin().await;
        let mut tried = 0;
        // A provider's event is refused for its provider and its signature first, and a file is received after its session is found.
        let is_read = |operation: &Operation<'_>| {
            let is_json = operation.spec["requestBody"]["content"].get("application/json").is_some();
            // Only the site reports usage, so an administrator is refused first.
            is_json && !operation.template.contains("/webhooks/") && operation.template != "/v1/usage"
        };
        for operation in
            Document::committed().operations().filter(is_read).filter(|operation| operation.spec["requestBody"]["required"] == true) {
            let path = operation.template.split('/').map(|part| if part.starts_with('{') { "01HZZZZZZZZZZZZZZZZZZZZZZZ" } else { part });
            let path = path.collect::<Vec<_>>().join("/");
            let request = admin.request(operation.method.clone(), path).idempotent().if_match("*");
            request.await.expect(400).problem("validation-failed");
            tried += 1;
        }
        assert!(tried > 15, "{tried}");
        admin.post("/v1/admin/cache/clear").json(json!({})).await.expect(400).pointing_at("");
    }

    async fn only_the_first_errors_are_listed(site: Site) {
        let response = site.client().get(format!("/v1/characters?{}", "a=&".repeat(100))).await.expect(400);
        assert_eq!(response["errors"].as_array().map(Vec::len), Some(20));
        assert!(response.text("detail").contains("first 20"), "{response:?}");
    }

    async fn a_body_of_another_media_type_is_a_problem(site: Site) {
        let body = json!({"email": "anna@example.com", "password": "correct horse"}).to_string();
        for media_type in ["text/plain", "application/xml", "application/x-www-form-urlencoded"] {
            let response = site.client().post("/v1/auth/login").raw(media_type, body.clone()).await;
            response.expect(415).problem("unsupported-media-type");
            for [first, second] in [["application/json", media_type], [media_type, "application/json"]] {
                let login = site.client().post("/v1/auth/login").raw(first, body.clone());
                login.header("Content-Type", second).await.expect(415).problem("unsupported-media-type");
            }
        }
    }

    async fn an_id_that_is_invalid_is_reported_with_its_pointer(site: Site) {
        let anna = site.register("anna").await;
        for id in ["1", "not-an-id", "01hzzzzzzzzzzzzzzzzzzzzzzz", "01HZZZZZZZZZZZZZZZZZZZZZZZ0", "%00", "..%2f.."] {
            for resource in ["chats", "me/characters"] {
                let response = anna.get(format!("/v1/{resource}/{id}")).await;
                response.expect(400).problem("validation-failed").pointing_at("/path/id");
            }
        }
        anna.get("/v1/chats/01HZZZZZZZZZZZZZZZZZZZZZZZ").await.expect(404).problem("not-found");
    }

    async fn a_cursor_is_only_good_for_the_list_that_gave_it(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        for amount in [1, 2] {
            admin.grant(&anna, amount).await;
            let character = anna.create_character(&format!("Mira {amount}")).await;
            anna.publish(&character).await;
        }
        let ledger = anna.get("/v1/coins/ledger?limit=1").await.expect(200).text("next_cursor").to_owned();
        let public = anna.get("/v1/characters?limit=1").await.expect(200).text("next_cursor").to_owned();
        let wrong = ["x", "%00", "e30", "WzEsMl0", &ledger[1..]];
        for cursor in wrong.into_iter().chain([public.as_str()]) {
            anna.get(format!("/v1/coins/ledger?cursor={cursor}")).await.expect(400).problem("invalid-cursor");
        }
        for filter in ["tag=sea", "q=mira", "rating=general", "sort=name"] {
            let response = anna.get(format!("/v1/characters?{filter}&cursor={public}")).await;
            response.expect(400).problem("invalid-cursor");
        }
    }

    async fn a_precondition_that_is_invalid_is_reported_with_its_pointer(site: Site) {
        let anna = site.register("anna").await;
        for etag in ["unquoted", "\"half", "\"a\" \"b\""] {
            let response = anna.patch("/v1/me").if_match(etag).json(json!({"display_name": "x"})).await;
            response.expect(400).problem("validation-failed").pointing_at("/header/If-Match");
        }
    }

    async fn a_request_id_is_taken_over_when_it_is_a_good_one(site: Site) {
        let client = site.client();
        let given = client.get("/v1/plans").header("X-Request-Id", "order-7_a.b").await;
        assert_eq!(given.header("x-request-id"), "order-7_a.b");
        for bad in ["", "a b", "é", "<script>", &"x".repeat(300)] {
            let response = client.get("/v1/nothing").undocumented().header("X-Request-Id", bad).await.expect(404);
            assert_ne!(response.header("x-request-id"), bad);
        }
        let (one, other) = (client.get("/v1/nothing").undocumented().await, client.get("/v1/nothing").undocumented().await);
        assert_ne!(one.header("x-request-id"), other.header("x-request-id"));
    }
}
