//! Anonymous sessions: the holder of their secret uses them, if the site allows them.

use harness::{Request, Site, SiteBuilder};
use serde_json::json;

use super::DataSession;
use super::sample_tables::{flowers, kind_of_flower};

/// A request to create a session, from an address behind a proxy.
fn create_from(site: &Site, address: &str) -> Request {
    site.client().post("/v1/data-sessions").header("X-Forwarded-For", address)
}

both_pairs! {
    async fn a_site_that_does_not_allow_them_requires_an_account(site: Site) {
        site.client().post("/v1/data-sessions").await.expect(401).problem("invalid-credentials");
    }

    async fn an_anonymous_session_belongs_to_whoever_has_its_secret(builder: SiteBuilder) {
        let site = builder.set("DATA_SESSIONS_ANONYMOUS", true).open().await;
        let created = site.client().post("/v1/data-sessions").await.expect(201);
        let session = DataSession::created(&site.client(), &created);
        assert_eq!((&created["anonymous"], session.secret().len()), (&json!(true), 64));
        assert_eq!(created.header("cache-control"), "no-store");
        session.upload(flowers()).await;
        session.trained(kind_of_flower()).await;
        assert!(session.get("").await.expect(200)["secret"].is_null(), "the secret is shown once");
        let other = DataSession::create(&site.client()).await;
        for path in ["", "/data/info", "/progress", "/model"] {
            session.get(path).await.expect(200);
            session.with_secret(other.secret()).get(path).await.expect(404).problem("not-found");
            site.client().get(session.path(path)).await.expect(401);
        }
        let anna = site.register("anna").await;
        anna.get(session.path("")).await.expect(404);
        site.client().get("/v1/data-sessions").await.expect(401);
        site.client().get("/v1/data-sessions").header("Data-Session-Secret", session.secret()).await.expect(401);
        session.with_secret(other.secret()).delete().await.expect(404);
        session.delete().await.expect(204);
        session.get("").await.expect(404);
        assert!(DataSession::create(&anna).await.get("").await.expect(200)["anonymous"] == false);
    }

    async fn an_address_has_three_anonymous_sessions(builder: SiteBuilder) {
        let site = builder.set("DATA_SESSIONS_ANONYMOUS", true).set("DATA_SESSIONS_ANONYMOUS_MB", 1).open().await;
        let mut sessions = Vec::new();
        for _ in 0..3 {
            let created = create_from(&site, "203.0.113.9").await.expect(201);
            sessions.push(DataSession::created(&site.client(), &created));
        }
        let refused = create_from(&site, "203.0.113.9").await.expect(409).problem("data-session-limit");
        assert!(refused.text("detail").contains("3 data sessions"), "{refused:?}");
        create_from(&site, "203.0.113.10").await.expect(201);
        sessions[0].delete().await.expect(204);
        create_from(&site, "203.0.113.9").await.expect(201);
        for host in 1..=3 {
            create_from(&site, &format!("2001:db8:1:1::{host}")).await.expect(201);
        }
        create_from(&site, "2001:db8:1:1::4").await.expect(409).problem("data-session-limit");
        create_from(&site, "2001:db8:1:2::4").await.expect(201);
        let table = format!("a,b\n{}", "1,2\n".repeat(150_000));
        sessions[1].upload(table.clone()).await;
        let refused = sessions[2].try_upload("", table).await.expect(409).problem("data-session-limit");
        assert!(refused.text("detail").contains("1000000 bytes"), "{refused:?}");
    }
}
