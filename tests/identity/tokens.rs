//! Valid and invalid access tokens.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use harness::{Site, SiteBuilder, backends};
use serde_json::{Value, json};

fn encoded(value: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(value.to_string())
}

fn claims(token: &str) -> Value {
    let claims = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&claims).unwrap()
}

/// Forgeries of a valid token.
fn forgeries(genuine: &str, somebody_else: &str) -> Vec<String> {
    let parts: Vec<&str> = genuine.split('.').collect();
    let mut promoted = claims(genuine);
    promoted["role"] = json!("admin");
    promoted["sub"] = json!(somebody_else);
    let promoted = encoded(&promoted);
    let unsigned = encoded(&json!({"alg": "none", "typ": "JWT"}));
    vec![
        String::new(),
        "x".repeat(5000),
        format!("{}.{}", parts[0], parts[1]),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{promoted}.{}", parts[0], parts[2]),
        format!("{unsigned}.{}.", parts[1]),
        format!("{unsigned}.{promoted}.{}", parts[2]),
        format!("{}.{}.{}", parts[0], parts[1], parts[2].chars().rev().collect::<String>()),
    ]
}

backends! {
    async fn a_request_without_a_token_gets_a_challenge(site: Site) {
        let response = site.client().get("/v1/me").await.expect(401);
        assert!(response.header("www-authenticate").starts_with("Bearer"));
    }

    async fn a_forged_token_is_refused(site: Site) {
        let (anna, ben) = (site.register("anna").await, site.register("ben").await);
        for token in forgeries(anna.token(), &ben.id) {
            site.client().bearing(token).get("/v1/me").await.expect(401);
        }
    }

    async fn a_token_is_not_taken_from_another_scheme(site: Site) {
        let anna = site.register("anna").await;
        for header in [anna.token().to_owned(), format!("Basic {}", anna.token()), "Bearer".into(), "Bearer  ".into()] {
            site.client().get("/v1/me").header("Authorization", &header).await.expect(401);
        }
    }

    async fn a_refresh_token_is_no_access_token_and_the_reverse(site: Site) {
        let anna = site.register("anna").await;
        site.client().bearing(&anna.refresh_token).get("/v1/me").await.expect(401);
        site.client().post("/v1/auth/refresh").json(json!({"refresh_token": anna.token()})).await.expect(401);
    }

    async fn a_token_of_a_site_with_another_secret_is_refused(builder: SiteBuilder) {
        let mut site = builder.open().await;
        let anna = site.register("anna").await;
        site.kill_server();
        let other = site.server_with("TOKEN_SECRET", "another secret that is long enough for the suite").await;
        anna.at(&other).get("/v1/me").await.expect(401);
    }
}
