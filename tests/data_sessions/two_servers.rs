//! Two servers on one database.

use harness::{Server, SiteBuilder, on_backends};
use serde_json::json;

use super::DataSession;
use super::progress::{Followed, check_progress};
use super::sample_tables::{flowers, kind_of_flower};

/// Trains at a server, follows at another, and returns the model.
async fn train(session: &DataSession, (server, other): (&Server, &Server), token: &str) -> Vec<u8> {
    session.at(server).train(kind_of_flower()).await;
    check_progress(&Followed::open(session, token, other).await.rest().await);
    session.at(other).model().await
}

on_backends! {
    [postgres_redis PostgresRedis]
    async fn what_one_server_receives_another_shows_trains_and_predicts(builder: SiteBuilder) {
        let (site, others) = builder.open_with_others(1).await;
        let (anna, first, second) = (site.register("anna").await, site.server(), &others[0]);
        let session = DataSession::create(&anna).await;
        let there = session.at(second);
        for table in ["a,b\n1,2\n", "a,b,c\n3,4,5\n6,7,8\n"] {
            let uploaded = session.upload(table).await;
            assert_eq!(there.get("/data/info").await.expect(200).json(), uploaded.json());
            let [here, over] = [session.get("/data/preview").await, there.get("/data/preview").await];
            assert_eq!((here.expect(200).json(), over["total_rows"].as_u64()), (over.json(), uploaded["rows"].as_u64()));
        }
        there.upload(flowers()).await;
        let model = train(&session, (first, second), anna.token()).await;
        assert!(train(&session, (second, first), anna.token()).await == model, "the same seed on another server");
        let row = json!([{"petal length": 1.2, "colour": "red", "found": "2026-03-04"}]);
        let [here, over] = [session.predict(row.clone()).await.expect(200), there.predict(row).await.expect(200)];
        assert_eq!((here.json(), &here.items()[0]["prediction"]), (over.json(), &json!("aster")));
        there.delete().await.expect(204);
        session.get("/data/info").await.expect(404);
    }
}
