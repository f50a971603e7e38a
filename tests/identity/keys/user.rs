//! A user's API key in use.

use chrono::TimeDelta;
use harness::{Site, SiteBuilder, backends, rfc3339};
use serde_json::json;

backends! {
    async fn a_key_acts_for_its_user_within_its_scopes(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        admin.grant(&anna, 10).await;
        let (reader, writer) = (anna.create_key(&["coins:read"]).await, anna.create_key(&["coins:write"]).await);
        assert_eq!(reader.balance().await, 10);
        let refused = reader.try_spend(1).await.expect(403).problem("forbidden");
        assert!(refused.text("detail").contains("`coins:write`"), "{refused:?}");
        writer.spend(1).await;
        writer.get("/v1/coins").await.expect(403).problem("forbidden");
        writer.get("/v1/chats").await.expect(403).problem("forbidden");
        let entry = anna.newest_entry().await;
        assert_eq!((&entry["actor_id"], &entry["key_id"]), (&json!(anna.id), &json!(null)), "a user's key places as the user");
    }

    async fn a_mistyped_made_up_or_revoked_key_is_refused(site: Site) {
        let anna = site.register("anna").await;
        let key = anna.create_key(&["me:read"]).await;
        key.get("/v1/me").await.expect(200);
        let other = format!("{}{}", &key.text[..53], if key.text.ends_with('0') { "1" } else { "0" });
        for wrong in ["", "atl_", "nonsense", &other, &key.text[1..], &key.text.replacen("atl_u", "atl_s", 1)] {
            site.client().with_key(wrong).get("/v1/me").await.expect(401).problem("invalid-credentials");
        }
        site.client().bearing(&key.text).get("/v1/me").await.expect(401).problem("invalid-credentials");
        anna.delete(format!("/v1/api-keys/{}", key.id)).await.expect(204);
        key.get("/v1/me").await.expect(401).problem("token-revoked");
        anna.get("/v1/me").await.expect(200);
    }

    async fn a_revoked_key_is_known_for_30_days(builder: SiteBuilder) {
        let site = builder.at("2027-01-31T10:00:00Z").open().await;
        let anna = site.register("anna").await;
        let key = anna.create_key(&["me:read"]).await;
        anna.delete(format!("/v1/api-keys/{}", key.id)).await.expect(204);
        site.pass(TimeDelta::days(29), &[]).await;
        key.get("/v1/me").await.expect(401).problem("token-revoked");
        site.pass(TimeDelta::days(2), &[]).await;
        key.get("/v1/me").await.expect(401).problem("invalid-credentials");
    }

    async fn a_request_sends_one_credential(site: Site) {
        let anna = site.register("anna").await;
        let key = anna.create_key(&["me:read"]).await;
        let both = anna.get("/v1/me").header("X-API-Key", &key.text).await.expect(401).problem("invalid-credentials");
        assert!(both.text("detail").contains("not both"), "{both:?}");
        key.get("/v1/me").header("X-API-Key", &key.text).await.expect(401).problem("invalid-credentials");
    }

    async fn a_user_names_no_other_user_to_act_for(site: Site) {
        let (anna, ben) = (site.register("anna").await, site.register("ben").await);
        let key = anna.create_key(&["me:read"]).await;
        for client in [&*anna, &*key] {
            assert_eq!(client.acting_for(&anna.id).get("/v1/me").await.expect(200).id(), anna.id);
            client.acting_for(&ben.id).get("/v1/me").await.expect(403).problem("forbidden");
            client.acting_for("ben").get("/v1/me").await.expect(400).pointing_at("/header/Atelier-User");
        }
    }

    async fn an_administrators_key_needs_the_scope_and_the_role(site: Site) {
        let admin = site.admin().await;
        let anna = site.register("anna").await;
        let (with, without) = (admin.create_key(&["coins:admin"]).await, admin.create_key(&["coins:write", "cache:admin"]).await);
        with.grant(&anna, 5).await;
        without.get("/v1/admin/invariants").await.expect(403).problem("forbidden");
        without.get("/v1/admin/cache/ping").await.expect(200);
        with.get("/v1/admin/cache/ping").await.expect(403).problem("forbidden");
    }

    async fn a_key_ends_with_its_expiry_to_the_second(builder: SiteBuilder) {
        let site = builder.at("2027-01-31T10:00:00Z").open().await;
        let anna = site.register("anna").await;
        let body = json!({"name": "x", "scopes": ["me:read"], "expires_at": rfc3339(site.now() + TimeDelta::hours(1))});
        let created = anna.post("/v1/api-keys").json(body).await.expect(201);
        let key = site.client().with_key(created.text("key"));
        key.get("/v1/me").await.expect(200);
        site.pass(TimeDelta::minutes(59), &[]).await;
        key.get("/v1/me").await.expect(200);
        site.pass(TimeDelta::seconds(61), &[]).await;
        key.get("/v1/me").await.expect(401).problem("token-expired");
    }
}
