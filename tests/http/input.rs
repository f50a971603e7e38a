//! Invalid input: every malformed part of a request gets a problem that names the part.

use harness::{Site, backends};
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

    async fn a_body_of_another_media_type_is_a_problem(site: Site) {
        let body = json!({"email": "anna@example.com", "password": "correct horse"}).to_string();
        for media_type in ["text/plain", "application/xml", "application/x-www-form-urlencoded"] {
            let response = site.client().post("/v1/auth/login").raw(media_type, body.clone()).await;
            response.expect(415).problem("unsupported-media-type");
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
