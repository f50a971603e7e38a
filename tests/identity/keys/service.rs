//! Service keys in use.

use harness::{Site, backends};
use serde_json::json;
use ulid::Ulid;

backends! {
    async fn a_service_key_acts_for_the_user_that_it_names(site: Site) {
        let (admin, anna, ben) = (site.admin().await, site.register("anna").await, site.register("ben").await);
        let key = admin.create_service_key(&["me:read", "chats:write"]).await;
        assert!(key.text.starts_with("atl_s"));
        assert_eq!(key.of_user(&anna).get("/v1/me").await.expect(200).id(), anna.id);
        assert_eq!(key.of_user(&ben).get("/v1/me").await.expect(200).id(), ben.id);
        key.of_user(&anna).get("/v1/coins").await.expect(403).problem("forbidden");
        let unnamed = key.get("/v1/me").await.expect(403).problem("forbidden");
        assert!(unnamed.text("detail").contains("`Atelier-User`"), "{unnamed:?}");
    }

    async fn the_named_user_must_exist_and_be_named_once(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        let key = admin.create_service_key(&["me:read"]).await;
        key.acting_for(&Ulid::new().to_string()).get("/v1/me").await.expect(403).problem("forbidden");
        for wrong in ["", "anna", &anna.id.to_lowercase()] {
            key.acting_for(wrong).get("/v1/me").await.expect(400).pointing_at("/header/Atelier-User");
        }
        key.of_user(&anna).get("/v1/me").header("Atelier-User", &anna.id).await.expect(400);
    }

    async fn without_a_user_a_service_key_administers_in_its_scopes_only(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        let key = admin.create_service_key(&["coins:admin", "coins:write"]).await;
        let granted = key.grant(&anna, 7).await;
        assert_eq!((&granted["actor_id"], granted.text("key_id")), (&json!(null), &*key.id));
        key.get("/v1/admin/cache/ping").await.expect(403).problem("forbidden");
        let refused = key.of_user(&admin).get("/v1/admin/invariants").await.expect(403).problem("forbidden");
        assert!(refused.text("detail").contains("`Atelier-User`"), "{refused:?}");
        assert_eq!(anna.balance().await, 7);
    }

    async fn the_history_of_a_subscription_names_the_service_key(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        let key = admin.create_service_key(&["subscription:write"]).await;
        key.of_user(&anna).subscribe("plus").await;
        anna.command_subscription("cancel", json!({"at_period_end": true})).await.expect(200);
        let events = anna.get("/v1/subscription/events").await.expect(200);
        let named = |kind: &str| events.items().iter().find(|event| event["kind"] == kind).map(|event| event["key_id"].clone());
        assert_eq!((named("subscribed"), named("cancel_at_period_end")), (Some(json!(key.id)), Some(json!(null))), "{events:?}");
    }

    async fn service_keys_are_listed_for_administrators(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        let key = admin.create_service_key(&["me:read"]).await;
        let listed = admin.get("/v1/admin/service-keys").await.expect(200);
        assert_eq!((listed.each("id"), listed.each("kind"), listed.each("created_by")), (vec![&*key.id], vec!["service"], vec![&*admin.id]));
        assert!(admin.get("/v1/api-keys").await.expect(200).items().is_empty());
        anna.get("/v1/admin/service-keys").await.expect(403);
        admin.delete(format!("/v1/api-keys/{}", key.id)).await.expect(404);
        key.of_user(&anna).get("/v1/me").await.expect(200);
        admin.revoke_service_key(&key).await;
        key.of_user(&anna).get("/v1/me").await.expect(401).problem("token-revoked");
        key.get("/v1/me").await.expect(401).problem("token-revoked");
    }
}
