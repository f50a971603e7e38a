//! What is no resource: health, the document, its explorer.

use harness::{Document, Redis, Site, SiteBuilder, backends, redis_backends};
use serde_json::json;

backends! {
    async fn a_running_server_is_alive_ready_and_healthy(site: Site) {
        let client = site.client();
        client.get("/health/live").await.expect(200);
        client.get("/health/ready").await.expect(200);
        let health = client.get("/health").await.expect(200);
        let redis = if site.settings().contains_key("REDIS_URL") { "up" } else { "absent" };
        assert_eq!((health.text("database"), health.text("redis")), ("up", redis));
    }

    async fn the_document_is_served_as_it_was_committed(site: Site) {
        let served = site.client().get("/openapi.json").undocumented().await.expect(200);
        assert_eq!(served.json(), Document::committed().json());
        assert_eq!(served.header("content-type").split(';').next(), Some("application/json"));
        site.client().get("/openapi.json").undocumented().if_none_match(&served.etag()).await.expect(304);
    }

    async fn the_document_can_be_explored(site: Site) {
        let explorer = site.client().get("/docs").undocumented().await.expect(200);
        let page = String::from_utf8_lossy(explorer.body());
        assert!(explorer.header("content-type").starts_with("text/html") && page.contains("swagger-ui"));
        let start = site.client().get("/docs/start.js").undocumented().await.expect(200);
        assert!(page.contains("/docs/start.js") && String::from_utf8_lossy(start.body()).contains("persistAuthorization: true"));
        site.client().get("/docs").undocumented().if_none_match(&explorer.etag()).await.expect(304);
    }
}

redis_backends! {
    async fn a_server_without_its_redis_is_ready_and_says_so(builder: SiteBuilder) {
        let site = builder.on_redis(Redis::absent()).open().await;
        site.client().get("/health/ready").await.expect(200);
        assert_eq!(site.client().get("/health").await.expect(200)["redis"], json!("down"));
        site.redis().start().await;
        let health = async || site.client().get("/health").await.expect(200)["redis"] == "up";
        harness::eventually_true("the server sees Redis", health).await;
    }
}
