//! Access control: every operation of the document, requested without the required rights.

use harness::{Document, Operation, Request, Site, User, backends};

/// A request for an operation on a resource that does not exist, with its required headers.
fn request(client: &harness::Client, operation: &Operation<'_>) -> Request {
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

    async fn an_administrators_operation_is_refused_to_other_users(site: Site) {
        let anna: User = site.register("anna").await;
        let mut tried = 0;
        for operation in guarded().filter(|operation| operation.template.starts_with("/v1/admin/")) {
            let response = request(&anna, &operation).await;
            assert!(matches!(response.status(), 400 | 403), "{response:?}");
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
        "GET /v1/generation-settings",
        "GET /v1/plans",
        "POST /v1/auth/login",
        "POST /v1/auth/refresh",
        "POST /v1/auth/register",
        // It requires a signature over its body instead.
        "POST /v1/payments/webhooks/{provider}",
    ];
    assert_eq!(open, known);
}
