//! Access control: every operation of the document, requested without the required rights.

use harness::{Document, Operation, Request, Site, User, backends};

/// A request for an operation on a resource that does not exist, with its required headers.
pub fn request(client: &harness::Client, operation: &Operation<'_>) -> Request {
    let path = operation.template.split('/').map(|part| match part {
        "{name}" => "Nobody",
        part if part.starts_with('{') => "01HZZZZZZZZZZZZZZZZZZZZZZZ",
        part => part,
    });
    let path = path.collect::<Vec<_>>().join("/");
    client.request(operation.method.clone(), path).idempotent().if_match("*").json(serde_json::json!({}))
}

fn guarded() -> impl Iterator<Item = Operation<'static>> {
    Document::committed().operations().filter(|operation| !operation.security().is_empty())
}

fn for_administrators(operation: &Operation<'_>) -> bool {
    operation.template.starts_with("/v1/admin/")
}

/// Whether an operation is for the site only.
fn for_the_site(operation: &Operation<'_>) -> bool {
    operation.security().iter().all(|schemes| schemes.get("atelierUser").is_some())
}

/// Requests for an operation, each with one malformed part: an unknown parameter, the path, a parameter of the query, the body.
fn malformed(client: &harness::Client, operation: &Operation<'_>) -> Vec<Request> {
    let path = |part: &str| {
        operation.template.split('/').map(|name| if name.starts_with('{') { part } else { name }).collect::<Vec<_>>().join("/")
    };
    let (valid, parameters) = (path("01HZZZZZZZZZZZZZZZZZZZZZZZ"), operation.spec["parameters"].as_array());
    let with = |path: String| client.request(operation.method.clone(), path).idempotent().if_match("*");
    let queries = parameters.into_iter().flatten().filter(|parameter| parameter["in"] == "query");
    let names = queries.filter_map(|parameter| parameter["name"].as_str());
    let mut requests = vec![with(format!("{valid}?unknown=1"))];
    requests.extend(operation.template.contains('{').then(|| with(path("%00"))));
    requests.extend(names.map(|name| with(format!("{valid}?{name}=1&{name}=1"))));
    let body = operation.spec.get("requestBody").filter(|body| body["content"].get("application/json").is_some());
    requests.extend(body.map(|_| with(valid.clone()).raw("application/json", "{")));
    requests
}

backends! {
    async fn a_guarded_operation_is_refused_without_a_token_or_with_a_bad_one(site: Site) {
        let anna = site.register("anna").await;
        anna.post("/v1/auth/logout").await.expect(204);
        for operation in guarded() {
            request(&site.client(), &operation).await.expect(401);
            request(&site.client().bearing("nonsense"), &operation).await.expect(401);
            request(&anna, &operation).await.expect(401).problem("token-revoked");
        }
    }

    async fn who_asks_is_settled_before_the_request_is_checked(site: Site) {
        let (nobody, anna) = (site.client(), site.register("anna").await);
        let mut tried = 0;
        for operation in guarded() {
            // An operation that admits anybody has nobody to settle.
            let admits_anybody = operation.security().contains(&serde_json::json!({}));
            for request in malformed(&nobody, &operation).into_iter().filter(|_| !admits_anybody) {
                request.await.expect(401).problem("invalid-credentials");
                tried += 1;
            }
            for request in malformed(&anna, &operation) {
                let response = request.await;
                if for_administrators(&operation) || for_the_site(&operation) {
                    response.expect(403).problem("forbidden");
                } else {
                    response.expect(400);
                }
            }
        }
        assert!(tried > 100, "{tried}");
    }

    async fn a_public_operation_ignores_credentials(site: Site) {
        for path in ["/v1/plans", "/v1/characters", "/v1/coins/packages", "/v1/generation-settings"] {
            site.client().bearing("nonsense").get(path).await.expect(200);
        }
    }

    async fn an_administrators_operation_is_refused_to_other_users(site: Site) {
        let anna: User = site.register("anna").await;
        let mut tried = 0;
        for operation in guarded().filter(for_administrators) {
            request(&anna, &operation).await.expect(403).problem("forbidden");
            tried += 1;
        }
        assert!(tried >= 2);
    }

    async fn a_resource_that_does_not_exist_is_not_found_by_any_user(site: Site) {
        let (anna, admin) = (site.register("anna").await, site.admin().await);
        for operation in guarded().filter(|operation| operation.template.contains('{')) {
            let client = if operation.template.starts_with("/v1/admin/") { &admin } else { &anna };
            let response = request(client, &operation).await;
            assert!(matches!(response.status(), 400 | 404), "{response:?}");
        }
    }
}

#[test]
fn what_needs_no_token_is_known() {
    let open = Document::committed().operations().filter(|operation| operation.security().is_empty());
    let mut open: Vec<String> = open.map(|operation| operation.label()).filter(|label| label.contains("/v1/")).collect();
    open.sort_unstable();
    let known = [
        "GET /v1/characters",
        "GET /v1/characters/{name}",
        "GET /v1/coins/packages",
        // It requires a ticket instead.
        "GET /v1/data-sessions/{id}/ws",
        // It requires the token of the receipt instead.
        "GET /v1/deletions/{token}",
        "GET /v1/generation-settings",
        "GET /v1/plans",
        "POST /v1/auth/login",
        "POST /v1/auth/password-reset",
        // It requires the token of the reset instead.
        "POST /v1/auth/password-reset/confirm",
        "POST /v1/auth/refresh",
        "POST /v1/auth/register",
        // These two require the token of a mail instead.
        "POST /v1/auth/register/confirm",
        "POST /v1/auth/verify-email",
        // It requires a signature over its body instead.
        "POST /v1/payments/webhooks/{provider}",
    ];
    assert_eq!(open, known);
}
