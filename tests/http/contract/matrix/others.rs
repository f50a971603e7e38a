//! Resources of another user: every operation on them answers as if they did not exist.

use std::collections::BTreeMap;

use harness::{Client, Document, Operation, Request, Site, User, backends, eventually_true};

use super::{Access, row};

const SCOPES: [&str; 10] = [
    "chats:read",
    "chats:write",
    "characters:read",
    "characters:write",
    "coins:read",
    "coins:write",
    "jobs:read",
    "jobs:write",
    "subscription:read",
    "subscription:write",
];

/// Resources of a user, by the template of their path.
async fn resources(admin: &Client, anna: &User) -> BTreeMap<&'static str, String> {
    admin.grant(anna, 10).await;
    let mira = anna.create_character("Mira").await;
    let memory = anna.remember(mira.id(), "long", "She keeps a lighthouse.").await;
    let chat = anna.open_chat("Mira").await;
    let message = anna.send_message(chat.id(), "Good evening.").await;
    let sessions = anna.get("/v1/auth/sessions").await.expect(200);
    let session = sessions.items()[0]["id"].as_str().expect("an id").to_owned();
    let export = anna.post("/v1/me/exports").idempotent().await.expect(202);
    let exported = format!("/v1/me/exports/{}", export.id());
    eventually_true("the export is ready", async || anna.get(&exported).await.expect(200).text("state") == "ready").await;
    let (hold, purchase, key) = (anna.hold(1).await, anna.buy("small").await, anna.create_key(&["me:read"]).await);
    [
        ("/v1/me/characters/{id}", mira.id()),
        ("/v1/me/characters/by-name/{name}", "Mira"),
        ("/v1/me/characters/{id}/memories/{memory_id}", memory.id()),
        ("/v1/chats/{id}", chat.id()),
        ("/v1/chats/{id}/messages/{message_id}", message.id()),
        ("/v1/coins/holds/{id}", hold.id()),
        ("/v1/coins/purchases/{id}", purchase.id()),
        ("/v1/payments/{id}", purchase.id()),
        ("/v1/api-keys/{id}", &key.id),
        ("/v1/auth/sessions/{id}", &session),
        ("/v1/me/exports/{id}", export.id()),
        ("/v1/jobs/{id}", export.text("job_id")),
    ]
    .map(|(template, id)| (template, id.to_owned()))
    .into()
}

/// The path of an operation on these resources; each parameter must be one of them.
fn path(template: &str, resources: &BTreeMap<&str, String>) -> String {
    let (mut before, mut path) = (String::new(), String::new());
    for segment in template.split('/').skip(1) {
        before.extend(["/", segment]);
        let id = || resources.get(&*before).unwrap_or_else(|| panic!("the test has no resource {before}"));
        path.extend(["/", if segment.starts_with('{') { id() } else { segment }]);
    }
    path
}

/// A valid request for an operation.
fn valid(client: &Client, operation: &Operation<'_>, path: &str) -> Request {
    let request = client.request(operation.method.clone(), path).idempotent().if_match("*");
    let schema = &operation.spec["requestBody"]["content"]["application/json"]["schema"];
    match Document::committed().resolve(schema)["example"].clone() {
        serde_json::Value::Null => request,
        body => request.json(body),
    }
}

backends! {
    async fn another_persons_resources_are_not_there(site: Site) {
        let (admin, anna, ben) = (site.admin().await, site.register("anna").await, site.register("ben").await);
        let resources = resources(&admin, &anna).await;
        let (service, key) = (admin.create_service_key(&SCOPES).await.of_user(&ben), ben.create_key(&SCOPES).await);
        let own = |operation: &Operation<'_>| matches!(row(operation), Access::OwnData(_) | Access::Session);
        let mut asked = 0;
        // No user has a job of an operation yet: `jobs::followed` asks for the jobs of another user.
        let with_id = |one: &Operation<'_>| one.template.contains('{') && !one.template.starts_with("/v1/jobs/");
        for operation in Document::committed().operations().filter(|one| own(one) && with_id(one)) {
            let path = path(operation.template, &resources);
            if operation.method == "GET" {
                anna.get(&path).await.expect(200);
            }
            for client in [&*ben, &*admin] {
                valid(client, &operation, &path).await.expect(404).problem("not-found");
            }
            let by_key = if row(&operation) == Access::Session { 403 } else { 404 };
            for client in [&service, &*key] {
                valid(client, &operation, &path).await.expect(by_key);
            }
            asked += 1;
        }
        assert!(asked >= 15, "{asked}");
    }
}
