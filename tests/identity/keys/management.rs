//! Creating, listing and revoking keys.

use chrono::TimeDelta;
use harness::ledger_audit::read_all;
use harness::{Client, Response, Site, SiteBuilder, backends, rfc3339};
use serde_json::{Value, json};

async fn create(client: &Client, body: Value) -> Response {
    client.post("/v1/api-keys").json(body).await
}

backends! {
    async fn a_key_is_shown_once_and_listed_without_its_text(builder: SiteBuilder) {
        let site = builder.at("2027-01-31T10:00:00Z").open().await;
        let anna = site.register("anna").await;
        let until = rfc3339(site.now() + TimeDelta::days(30));
        let body = json!({"name": " my script ", "scopes": ["coins:read", "coins:read", "chats:write"], "expires_at": until});
        let created = create(&anna, body).await.expect(201);
        assert_eq!(created.header("cache-control"), "no-store");
        let (text, key) = (created.text("key"), &created["api_key"]);
        assert!(text.len() == 54 && text.starts_with("atl_u") && text.starts_with(key["prefix"].as_str().unwrap()), "{key}");
        assert_eq!((&key["name"], &key["scopes"], &key["kind"]), (&json!("my script"), &json!(["coins:read", "chats:write"]), &json!("user")));
        assert_eq!((&key["created_by"], &key["last_used_at"]), (&json!(anna.id), &Value::Null));
        let listed = anna.get("/v1/api-keys").await.expect(200);
        assert_eq!(listed.items(), std::slice::from_ref(key));
        assert!(!String::from_utf8_lossy(listed.body()).contains(text));
        site.client().with_key(text).get("/v1/coins").await.expect(200);
    }

    async fn keys_are_listed_by_page_and_belong_to_their_user(site: Site) {
        let (anna, ben) = (site.register("anna").await, site.register("ben").await);
        let mut ids = Vec::new();
        for _ in 0..3 {
            ids.insert(0, anna.create_key(&["me:read"]).await.id);
        }
        let listed = read_all(&anna, "/v1/api-keys", 2).await;
        assert_eq!(listed.iter().map(|key| key["id"].as_str().unwrap_or_default()).collect::<Vec<_>>(), ids);
        assert!(ben.get("/v1/api-keys").await.expect(200).items().is_empty());
        ben.delete(format!("/v1/api-keys/{}", ids[0])).await.expect(404);
        anna.delete(format!("/v1/api-keys/{}", ids[0])).await.expect(204);
        anna.delete(format!("/v1/api-keys/{}", ids[0])).await.expect(404);
        assert_eq!(anna.get("/v1/api-keys").await.expect(200).items().len(), 2);
    }

    async fn a_faulty_key_is_reported_with_its_pointer(builder: SiteBuilder) {
        let site = builder.at("2027-01-31T10:00:00Z").open().await;
        let anna = site.register("anna").await;
        let far = rfc3339(site.now() + TimeDelta::days(366 * 6));
        let faults = [
            ("/name", json!({"name": "", "scopes": ["me:read"]})),
            ("/scopes", json!({"name": "x"})),
            ("/scopes", json!({"name": "x", "scopes": []})),
            ("/scopes/0", json!({"name": "x", "scopes": ["me"]})),
            ("/scopes/1", json!({"name": "x", "scopes": ["me:read", "me:everything"]})),
            ("/expires_at", json!({"name": "x", "scopes": ["me:read"], "expires_at": "tomorrow"})),
            ("/expires_at", json!({"name": "x", "scopes": ["me:read"], "expires_at": "2020-01-01T00:00:00Z"})),
            ("/expires_at", json!({"name": "x", "scopes": ["me:read"], "expires_at": far})),
        ];
        for (pointer, body) in faults {
            create(&anna, body).await.expect(400).problem("validation-failed").pointing_at(pointer);
        }
        assert!(anna.get("/v1/api-keys").await.expect(200).items().is_empty());
    }

    async fn a_user_gives_a_key_no_scope_of_administrators(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        let body = json!({"name": "x", "scopes": ["coins:read", "coins:admin"]});
        let refused = create(&anna, body.clone()).await.expect(403).problem("forbidden");
        assert!(refused.text("detail").contains("coins:admin"), "{refused:?}");
        create(&admin, body).await.expect(201);
    }

    async fn a_user_has_at_most_twenty_keys(site: Site) {
        let anna = site.register("anna").await;
        let mut keys = Vec::new();
        for _ in 0..20 {
            keys.push(anna.create_key(&["me:read"]).await);
        }
        let refused = create(&anna, json!({"name": "x", "scopes": ["me:read"]})).await.expect(403).problem("plan-limit");
        assert_eq!(refused.number("limit"), 20);
        anna.delete(format!("/v1/api-keys/{}", keys[0].id)).await.expect(204);
        anna.create_key(&["me:read"]).await;
    }

    async fn keys_manage_no_keys(site: Site) {
        let admin = site.admin().await;
        let own = admin.create_key(&["me:read", "me:write", "users:admin"]).await;
        let service = admin.create_service_key(&["me:read", "me:write", "users:admin"]).await;
        let body = json!({"name": "x", "scopes": ["me:read"]});
        for client in [(*own).clone(), (*service).clone(), service.of_user(&admin)] {
            for path in ["/v1/api-keys", "/v1/admin/service-keys"] {
                client.get(path).await.expect(403).problem("forbidden");
                client.post(path).json(body.clone()).await.expect(403).problem("forbidden");
                client.delete(format!("{path}/{}", own.id)).await.expect(403).problem("forbidden");
            }
        }
        own.get("/v1/me").await.expect(200);
    }
}
