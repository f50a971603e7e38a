//! Cross-origin requests of browsers: preflights, the headers of responses, and origins that are not allowed.

use harness::{Client, Request, Response, Site, SiteBuilder, on_backends};
use reqwest::Method;
use serde_json::json;

const APP: &str = "https://app.example.com";
const ALLOW_ORIGIN: &str = "access-control-allow-origin";
const EXPOSED: [&str; 10] = [
    "ETag",
    "Cache-Status",
    "Location",
    "Retry-After",
    "RateLimit",
    "RateLimit-Policy",
    "X-Request-Id",
    "Idempotent-Replayed",
    "Deprecation",
    "WWW-Authenticate",
];

/// The question of a browser whether a page may send a request.
fn preflight(client: &Client, path: &str, origin: &str) -> Request {
    let request = client.request(Method::OPTIONS, path).undocumented().header("Origin", origin);
    request.header("Access-Control-Request-Method", "PATCH").header("Access-Control-Request-Headers", "authorization,if-match")
}

fn list<'a>(response: &'a Response, header: &str) -> Vec<&'a str> {
    response.header(header).split(',').map(str::trim).collect()
}

fn varies(response: &Response) -> bool {
    response.header_lines("vary").any(|vary| vary.to_ascii_lowercase().contains("origin"))
}

async fn site(builder: SiteBuilder) -> Site {
    builder.set("CORS_ALLOWED_ORIGINS", format!("https://other.example,{APP}")).open().await
}

on_backends! {
    [sqlite_memory SqliteMemory]
    async fn a_preflight_of_an_allowed_origin_names_what_a_page_may_send(builder: SiteBuilder) {
        let site = site(builder).await;
        for (path, methods) in [("/v1/me", &["GET", "PATCH", "DELETE"][..]), ("/v1/coins/spend", &["POST"]), ("/v1/plans", &["GET"])] {
            let response = preflight(&site.client(), path, APP).await.expect(204);
            assert_eq!(response.header(ALLOW_ORIGIN), APP);
            let allowed = list(&response, "access-control-allow-methods");
            assert!(methods.iter().all(|method| allowed.contains(method)), "{response:?}");
            assert!(!allowed.contains(&"PUT"), "{response:?}");
            let headers = list(&response, "access-control-allow-headers");
            for header in
                ["Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", "X-Request-Id", "Last-Event-ID"]
            {
                assert!(headers.contains(&header), "{header}: {response:?}");
            }
            assert_eq!(response.header("access-control-max-age"), "7200");
            assert!(varies(&response) && response.find_header("access-control-allow-credentials").is_none(), "{response:?}");
        }
    }
}

on_backends! {
    [sqlite_memory SqliteMemory]
    async fn every_response_to_an_allowed_origin_can_be_read(builder: SiteBuilder) {
        let site = site(builder).await;
        let anna = site.register("anna").await;
        let etag = anna.get("/v1/me").await.expect(200).etag();
        let body = json!({"display_name": "Anna"});
        for (request, status) in [
            (anna.get("/v1/me"), 200),
            (anna.get("/v1/me").if_none_match(&etag), 304),
            (anna.patch("/v1/me").if_match(&etag).json(body), 200),
            (anna.post("/v1/auth/logout"), 204),
            (site.client().get("/v1/me"), 401),
            (site.client().get("/v1/plans?unknown=1"), 400),
            (site.client().get("/v1/nothing").undocumented(), 404),
            (site.client().delete("/v1/plans").undocumented(), 405),
            (site.client().get("/health/live"), 200),
            (site.client().get("/openapi.json").undocumented(), 200),
        ] {
            let response = request.header("Origin", APP).await.expect(status);
            assert_eq!(response.header(ALLOW_ORIGIN), APP);
            let exposed = list(&response, "access-control-expose-headers");
            assert!(EXPOSED.iter().all(|header| exposed.contains(header)), "{response:?}");
            assert!(varies(&response), "{response:?}");
        }
    }
}

on_backends! {
    [sqlite_memory SqliteMemory]
    async fn another_origin_is_served_without_the_headers(builder: SiteBuilder) {
        let site = site(builder).await;
        let anna = site.register("anna").await;
        for origin in ["https://evil.example", "https://app.example.com.evil.example", "http://app.example.com", "null", ""] {
            let response = preflight(&anna, "/v1/me", origin).await.expect(204);
            let read = anna.get("/v1/me").header("Origin", origin).await.expect(200);
            let login = json!({"email": anna.email, "password": harness::PASSWORD});
            let posted = anna.post("/v1/auth/login").header("Origin", origin).json(login).await.expect(200);
            for response in [response, read, posted] {
                for header in [ALLOW_ORIGIN, "access-control-allow-methods", "access-control-expose-headers"] {
                    assert!(response.find_header(header).is_none(), "{origin}: {response:?}");
                }
                assert!(varies(&response), "{response:?}");
            }
        }
    }
}

on_backends! {
    [sqlite_memory SqliteMemory]
    async fn a_shared_cache_keeps_the_responses_of_origins_apart(builder: SiteBuilder) {
        let site = site(builder).await;
        let response = site.client().get("/v1/plans").await.expect(200);
        assert!(varies(&response) && response.find_header(ALLOW_ORIGIN).is_none(), "{response:?}");
    }
}

on_backends! {
    [sqlite_memory SqliteMemory]
    async fn production_allows_no_origin_unless_it_is_set(builder: SiteBuilder) {
        let production = builder.set("ATELIER_ENV", "production").set("PAYMENT_PROVIDER", "manual").set("REQUIRE_VERIFIED_EMAIL", false).open().await;
        for origin in [APP, "http://localhost:5173"] {
            let response = production.client().get("/v1/plans").header("Origin", origin).await.expect(200);
            assert!(response.find_header(ALLOW_ORIGIN).is_none() && !varies(&response), "{response:?}");
            let asked = preflight(&production.client(), "/v1/plans", origin).await.expect(204);
            assert!(asked.find_header(ALLOW_ORIGIN).is_none(), "{asked:?}");
        }
    }
}

on_backends! {
    [sqlite_memory SqliteMemory]
    async fn development_allows_the_pages_of_this_machine(builder: SiteBuilder) {
        let site = builder.open().await;
        for origin in ["http://localhost:5173", "http://127.0.0.1:3000", "http://[::1]:8080", "http://localhost"] {
            let response = site.client().get("/v1/plans").header("Origin", origin).await.expect(200);
            assert_eq!(response.header(ALLOW_ORIGIN), origin);
        }
        let response = site.client().get("/v1/plans").header("Origin", APP).await.expect(200);
        assert!(response.find_header(ALLOW_ORIGIN).is_none(), "{response:?}");
    }
}

on_backends! {
    [sqlite_memory SqliteMemory]
    async fn options_names_the_methods_of_a_path(builder: SiteBuilder) {
        let site = builder.open().await;
        let response = site.client().request(Method::OPTIONS, "/v1/me").undocumented().await.expect(204);
        assert_eq!(list(&response, "allow"), ["GET", "PATCH", "DELETE", "HEAD", "OPTIONS"]);
        site.client().request(Method::OPTIONS, "/v1/nothing").undocumented().await.expect(404);
    }
}
