//! Temporary permissions.

use chrono::TimeDelta;
use harness::{Site, SiteBuilder, User, backends, rfc3339};
use serde_json::json;
use ulid::Ulid;

const START: &str = "2027-01-31T10:00:00Z";

fn in_an_hour(site: &Site) -> String {
    rfc3339(site.now() + TimeDelta::hours(1))
}

backends! {
    async fn a_permission_holds_on_every_server_at_once_and_so_does_its_end(builder: SiteBuilder) {
        let site = builder.at(START).open().await;
        let (admin, anna, second) = (site.admin().await, site.register("anna").await, site.second_server().await);
        let there = anna.at(&second);
        there.get("/v1/admin/invariants").await.expect(403);
        let granted = admin.permit(&anna, "coins:admin", &in_an_hour(&site)).await;
        assert_eq!((granted.text("user_id"), granted.text("granted_by")), (&*anna.id, &*admin.id));
        for client in [&*anna, &there] {
            client.get("/v1/admin/invariants").await.expect(200);
            client.get("/v1/admin/cache/ping").await.expect(403).problem("forbidden");
        }
        let path = format!("/v1/admin/users/{}/grants", anna.id);
        admin.delete(format!("{path}/{}", granted.id())).await.expect(204);
        for client in [&*anna, &there] {
            client.get("/v1/admin/invariants").await.expect(403).problem("forbidden");
        }
        admin.delete(format!("{path}/{}", granted.id())).await.expect(404);
        let listed = admin.get(&path).await.expect(200);
        assert_eq!(listed.each("id"), [granted.id()]);
        assert!(listed.items()[0]["revoked_at"].is_string());
    }

    async fn a_permission_ends_by_product_time_without_leeway(builder: SiteBuilder) {
        let site = builder.at(START).open().await;
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        let until = site.now() + TimeDelta::minutes(10);
        admin.permit(&anna, "coins:admin", &rfc3339(until)).await;
        anna.get("/v1/admin/invariants").await.expect(200);
        site.move_to(until - TimeDelta::seconds(30), &[]).await;
        anna.get("/v1/admin/invariants").await.expect(200);
        site.move_to(until, &[]).await;
        anna.get("/v1/admin/invariants").await.expect(403).problem("forbidden");
        anna.get("/v1/me").await.expect(200);
    }

    async fn a_key_has_a_permission_of_its_user_while_it_lasts(builder: SiteBuilder) {
        let site = builder.at(START).open().await;
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        let granted = admin.permit(&anna, "coins:admin", &in_an_hour(&site)).await;
        let key = anna.create_key(&["coins:admin"]).await;
        key.get("/v1/admin/invariants").await.expect(200);
        admin.delete(format!("/v1/admin/users/{}/grants/{}", anna.id, granted.id())).await.expect(204);
        key.get("/v1/admin/invariants").await.expect(403).problem("forbidden");
    }

    async fn a_permission_extends_no_rights(builder: SiteBuilder) {
        let site = builder.at(START).open().await;
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        admin.permit(&anna, "users:admin", &in_an_hour(&site)).await;
        let path = format!("/v1/admin/users/{}/grants", anna.id);
        anna.get(&path).await.expect(200);
        let body = json!({"scope": "users:admin", "until": in_an_hour(&site), "reason": "more"});
        anna.post(&path).json(body.clone()).await.expect(403).problem("forbidden");
        anna.post("/v1/admin/service-keys").json(json!({"name": "x", "scopes": ["coins:admin"]})).await.expect(403);
        let keys = [admin.create_key(&["users:admin"]).await, admin.create_service_key(&["users:admin"]).await];
        for key in keys {
            key.get(&path).await.expect(200);
            key.post(&path).json(body.clone()).await.expect(403).problem("forbidden");
        }
    }

    async fn a_faulty_permission_is_reported_with_its_pointer(builder: SiteBuilder) {
        let site = builder.at(START).open().await;
        let (admin, anna): (User, User) = (site.admin().await, site.register("anna").await);
        let path = format!("/v1/admin/users/{}/grants", anna.id);
        let far = rfc3339(site.now() + TimeDelta::days(400));
        let faults = [
            ("/scope", json!({"scope": "coins:write", "until": in_an_hour(&site), "reason": "x"})),
            ("/scope", json!({"scope": "everything", "until": in_an_hour(&site), "reason": "x"})),
            ("/until", json!({"scope": "coins:admin", "until": "2020-01-01T00:00:00Z", "reason": "x"})),
            ("/until", json!({"scope": "coins:admin", "until": far, "reason": "x"})),
            ("/until", json!({"scope": "coins:admin", "until": "soon", "reason": "x"})),
            ("/reason", json!({"scope": "coins:admin", "until": in_an_hour(&site), "reason": ""})),
        ];
        for (pointer, body) in faults {
            admin.post(&path).json(body).await.expect(400).problem("validation-failed").pointing_at(pointer);
        }
        let nobody = format!("/v1/admin/users/{}/grants", Ulid::new());
        admin.get(&nobody).await.expect(404);
        let body = json!({"scope": "coins:admin", "until": in_an_hour(&site), "reason": "x"});
        admin.post(&nobody).json(body).await.expect(404);
    }
}
