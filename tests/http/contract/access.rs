//! Who may do what: every operation of the document, tried by those who may not.

use harness::{Document, Operation, Request, Site, User, backends};

/// The operation at an address that exists for nobody, with what its headers must have.
fn ask(client: &harness::Client, operation: &Operation<'_>) -> Request {
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
            ask(&site.client(), &operation).await.expect(401);
            ask(&site.client().bearing("nonsense"), &operation).await.expect(401);
            ask(&anna, &operation).await.expect(401).problem("token-revoked");
        }
    }

    async fn an_administrators_operation_is_refused_to_everybody_else(site: Site) {
        let anna: User = site.register("anna").await;
        let mut tried = 0;
        for operation in guarded().filter(|operation| operation.template.starts_with("/v1/admin/")) {
            let answer = ask(&anna, &operation).await;
            assert!(matches!(answer.status(), 400 | 403), "{answer:?}");
            tried += 1;
        }
        assert!(tried >= 2);
    }

    async fn what_exists_for_nobody_is_not_found_by_anybody(site: Site) {
        let (anna, admin) = (site.register("anna").await, site.admin().await);
        for operation in guarded().filter(|operation| operation.template.contains('{')) {
            let somebody = if operation.template.starts_with("/v1/admin/") { &admin } else { &anna };
            let answer = ask(somebody, &operation).await;
            assert!(matches!(answer.status(), 400 | 404), "{answer:?}");
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
        // A signature over its body opens it.
        "POST /v1/payments/webhooks/{provider}",
    ];
    assert_eq!(open, known);
}
