//! Health, and what the operator sees of data sessions.

use harness::{Client, Site, eventually_true};
use serde_json::{Value, json};

use super::DataSession;

/// The types of entries of data sessions.
const TYPES: [&str; 5] =
    ["session_info", "session_metadata", "session_raw_data", "session_processed_data", "session_training_progress"];

async fn of_type(admin: &Client, kind: &str) -> Value {
    let statistics = admin.get("/v1/admin/cache/stats").await.expect(200);
    let types = statistics["worker"]["types"].as_array().unwrap();
    types.iter().find(|one| one["type"] == kind).cloned().unwrap_or_else(|| panic!("no type {kind}: {statistics:?}"))
}

both_pairs! {
    async fn health_and_the_status_of_the_cache_include_data_sessions(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        site.client().get("/health").await.expect(200);
        let session = DataSession::create(&anna).await;
        session.upload("a,b\n1,2\n").await;
        eventually_true("the description is cached", async || session.get("/data/info").await.expect(200).cache().is_hit()).await;
        for kind in TYPES {
            of_type(&admin, kind).await;
        }
        assert_eq!(of_type(&admin, "session_info").await["hits"], 1);
        let policies = admin.get("/v1/admin/cache/policies").await.expect(200);
        let shown = policies.items().iter().find(|policy| policy["type"] == "session_info").unwrap();
        assert_eq!(shown["key"], json!("session:{id}:info"));
        let key = admin.get(format!("/v1/admin/cache/keys/session:{}:info", session.id)).await.expect(200);
        assert_eq!(key.text("type"), "session_info");
    }
}
