//! Create, inspect, list, delete.

use harness::{Response, Site, Time};
use serde_json::json;

use super::DataSession;
use super::sample_tables::flowers;

/// The seconds between two times of a session.
fn seconds(session: &Response, from: &str, to: &str) -> i64 {
    let [from, to] = [from, to].map(|member| session.text(member).parse::<Time>().expect("a time"));
    (to - from).num_seconds()
}

both_pairs! {
    async fn a_session_is_created_inspected_listed_and_deleted(site: Site) {
        let anna = site.register("anna").await;
        let created = anna.post("/v1/data-sessions").await.expect(201);
        assert_eq!(created.header("location"), format!("/v1/data-sessions/{}", created.id()));
        assert_eq!((&created["anonymous"], created["secret"].is_null()), (&json!(false), true));
        assert_eq!((seconds(&created, "created_at", "expires_at"), seconds(&created, "created_at", "ends_at")), (3600, 86_400));
        let session = DataSession::created(&anna, &created);
        let read = session.get("").await.expect(200);
        assert_eq!(read.json(), created.json());
        session.get("").if_none_match(&read.etag()).await.expect(304);
        let second = DataSession::create(&anna).await;
        let page = anna.get("/v1/data-sessions?limit=1").await.expect(200);
        assert_eq!(page.each("id"), [&second.id]);
        let next = anna.get(format!("/v1/data-sessions?limit=1&cursor={}", page.text("next_cursor"))).await.expect(200);
        assert_eq!(next.items(), [read.json().clone()]);
        session.delete().await.expect(204);
        session.get("").await.expect(404).problem("not-found");
        session.delete().await.expect(404);
        assert_eq!(anna.get("/v1/data-sessions").await.expect(200).each("id"), [&second.id]);
    }

    async fn a_session_of_another_user_is_not_found(site: Site) {
        let (anna, ben) = (site.register("anna").await, site.register("ben").await);
        let session = DataSession::create(&anna).await;
        session.upload(flowers()).await;
        let (foreign, open) = (session.of(&ben), session.of(&anna.signed_out()));
        for path in ["", "/data/info", "/data/preview", "/progress", "/model", "/predictions"] {
            foreign.get(path).await.expect(404).problem("not-found");
            open.get(path).await.expect(401);
            open.with_secret("0123").get(path).await.expect(404).problem("not-found");
        }
        foreign.post("/train").json(json!({"target": "kind"})).await.expect(404);
        foreign.post("/cancel").await.expect(404);
        foreign.predict(json!([{"a": 1}])).await.expect(404);
        foreign.try_upload("", "a,b\n1,2\n").await.expect(404);
        foreign.delete().await.expect(404);
        assert_eq!(ben.get("/v1/data-sessions").await.expect(200).items(), [""; 0]);
        assert_eq!(session.get("").await.expect(200)["table"]["rows"], 90);
    }

    async fn without_a_table_or_a_model_an_operation_says_what_is_needed(site: Site) {
        let session = DataSession::create(&*site.register("anna").await).await;
        for path in ["/data/info", "/data/preview"] {
            session.get(path).await.expect(409).problem("table-missing");
        }
        session.post("/train").json(json!({"target": "kind"})).await.expect(409).problem("table-missing");
        session.upload(flowers()).await;
        for path in ["/progress", "/model", "/predictions"] {
            session.get(path).await.expect(409).problem("model-missing");
        }
        session.post("/cancel").await.expect(409).problem("model-missing");
        session.predict(json!([{"a": 1}])).await.expect(409).problem("model-missing");
        let refused = session.post("/train").json(json!({"target": "species"})).await.expect(400).pointing_at("/target");
        assert!(String::from_utf8_lossy(refused.body()).contains("petal length, colour, found, kind"), "{refused:?}");
        for request in [json!({"target": "kind", "test_share": 0.9}), json!({"target": "kind", "model": "magic"}), json!({})] {
            session.post("/train").json(request).await.expect(400);
        }
    }
}
