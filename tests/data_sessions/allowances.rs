//! What a user may have, and what an address may have.

use harness::{Site, SiteBuilder, on_backends};

use super::DataSession;

both_pairs! {
    async fn a_user_has_twenty_sessions(site: Site) {
        let anna = site.register("anna").await;
        let mut sessions = Vec::new();
        for _ in 0..20 {
            sessions.push(DataSession::create(&anna).await);
        }
        let refused = anna.post("/v1/data-sessions").await.expect(409).problem("data-session-limit");
        assert!(refused.text("detail").contains("20 data sessions"), "{refused:?}");
        DataSession::create(&*site.register("ben").await).await;
        sessions.pop().unwrap().delete().await.expect(204);
        DataSession::create(&anna).await;
    }
}

on_backends! {
    [postgres_redis PostgresRedis]
    async fn the_tables_of_a_user_and_of_an_address_are_bounded(builder: SiteBuilder) {
        let site = builder.set("DATA_SESSIONS_ANONYMOUS", true).open().await;
        let anna = site.register("anna").await;
        for (holder, bytes) in [((*anna).clone(), 500_000_000), (site.client(), 100_000_000)] {
            let [full, session] = [DataSession::create(&holder).await, DataSession::create(&holder).await];
            session.upload("a,b\n1,2\n").await;
            let taken = format!("UPDATE data_sessions SET bytes = {} WHERE id = '{}'", bytes - 12, full.id);
            site.database().query(&taken);
            let refused = session.try_upload("", "a,b\n1,2\n3,45\n").await.expect(409).problem("data-session-limit");
            assert!(refused.text("detail").contains(&bytes.to_string()), "{refused:?}");
            assert_eq!(session.get("/data/info").await.expect(200).number("rows"), 1, "the former table remains");
            assert_eq!(session.upload("a,b\n1,2\n3,4\n").await.number("rows"), 2, "the allowance can be used up");
        }
    }
}
