//! `/metrics` in the format of Prometheus.

use std::collections::BTreeSet;

use harness::{Client, Document, Site, SiteBuilder, backends, redis_backends};

use crate::cache::Fixture;

/// The samples, as lines.
async fn scrape(client: &Client) -> Vec<String> {
    let response = client.get("/metrics").undocumented().await.expect(200);
    assert!(response.header("content-type").starts_with("text/plain; version=0.0.4"), "{response:?}");
    let text = String::from_utf8(response.body().to_vec()).unwrap();
    text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

/// The value of one sample.
#[track_caller]
fn sample(samples: &[String], name: &str) -> f64 {
    let found = samples.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    found.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("no sample {name} in {samples:#?}"))
}

backends! {
    async fn what_happens_is_counted_by_route_type_and_layer(site: Site) {
        let fixture = Fixture::create(&site).await;
        fixture.read_everything(&site).await;
        fixture.anna.get("/nowhere/else").undocumented().await.expect(404);
        let samples = scrape(&site.client()).await;
        let requests = r#"http_server_requests_total{method="GET",route="/v1/chats/{id}/messages",status="200"}"#;
        assert!(sample(&samples, requests) >= 1.0);
        let slow = r#"http_server_request_duration_seconds_count{method="GET",route="/v1/coins"}"#;
        assert!(sample(&samples, slow) >= 1.0);
        assert!(sample(&samples, r#"http_server_requests_total{method="GET",route="unmatched",status="404"}"#) >= 1.0);
        let missed = r#"atelier_cache_requests_total{type="user_coins",layer="database",result="miss"}"#;
        assert!(sample(&samples, missed) >= 1.0);
        assert!(sample(&samples, r#"atelier_cache_load_seconds_count{type="user_coins"}"#) >= 1.0);
        assert!(sample(&samples, "atelier_log_lag_seconds") < 60.0);
        assert!(samples.iter().any(|line| line.starts_with("build_info{version=") && line.ends_with(" 1")));
        assert!(samples.iter().any(|line| line.starts_with("atelier_db_pool_connections{")));
    }

    async fn the_operations_document_names_every_task_and_metric(site: Site) {
        let document = std::fs::read_to_string(Document::path().with_file_name("docs/operations.md")).unwrap();
        let samples = scrape(&site.client()).await;
        let tasks: BTreeSet<&str> = samples.iter().filter_map(|line| line.split_once("task=\"")?.1.split('"').next()).collect();
        assert!(tasks.len() >= 4, "{tasks:?}");
        for task in tasks {
            assert!(document.contains(&format!("| `{task}` |")), "docs/operations.md has no row for {task}");
        }
        for name in samples.iter().filter_map(|line| line.split(['{', ' ']).next()) {
            let family = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
            let ours = family.starts_with("atelier_") || family.starts_with("http_server_");
            assert!(!ours || document.contains(family), "docs/operations.md does not name {family}");
        }
    }

    async fn no_label_identifies_a_user(site: Site) {
        let fixture = Fixture::create(&site).await;
        fixture.read_everything(&site).await;
        let samples = scrape(&site.client()).await.join("\n");
        for secret in [&fixture.anna.id, &fixture.mira, &fixture.chat, &fixture.anna.email, "Mira", "mira"] {
            assert!(!samples.contains(secret), "{secret}");
        }
    }

    async fn a_token_guards_them_where_one_is_set(builder: SiteBuilder) {
        let token = "a-token-that-only-Prometheus-knows";
        let site = builder.set("METRICS_TOKEN", token).open().await;
        for stranger in [site.client(), site.client().bearing("another"), (*site.admin().await).clone()] {
            stranger.get("/metrics").undocumented().await.expect(401).problem("invalid-credentials");
        }
        assert!(!scrape(&site.client().bearing(token)).await.is_empty());
    }
}

redis_backends! {
    async fn metrics_show_whether_redis_is_in_use(builder: SiteBuilder) {
        let site = builder.on_redis(harness::Redis::running().await).open().await;
        assert!((sample(&scrape(&site.client()).await, "atelier_cache_up") - 1.0).abs() < f64::EPSILON);
        site.redis().kill();
        let down = async || {
            let _ = site.client().get("/v1/characters").await;
            sample(&scrape(&site.client()).await, "atelier_cache_up") < 1.0
        };
        harness::eventually_true("the breaker opens", down).await;
    }
}
