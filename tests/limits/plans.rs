//! The limit of a user's plan.

use harness::{Site, SiteBuilder, eventually_true, postgres_only};
use serde_json::json;

use super::{parameter, remaining};

/// A new version of the plan `pro` with a limit.
fn set_limit(site: &Site, requests_per_minute: &str) {
    site.database().query(&format!(
        "INSERT INTO plans SELECT (jsonb_populate_record(p, jsonb_build_object('version', p.version + 1,
         'limits', jsonb_set(p.limits::jsonb, '{{requests_per_minute}}', '{requests_per_minute}')::text))).* FROM plans p WHERE p.code = 'pro'",
    ));
}

postgres_only! {
    async fn a_plan_with_an_impossible_limit_admits_as_little_as_it_can(builder: SiteBuilder) {
        let site = builder.set("RATE_LIMIT_USER", "100/86400").set("CHANGE_LOG_POLL_MS", 100).open().await;
        set_limit(&site, "0");
        let anna = site.register("anna").await;
        anna.subscribe("pro").await;
        let quota = async || parameter(&anna.get("/v1/me").await, "ratelimit-policy", "user", "q");
        eventually_true("one request a minute", async || quota().await == 1).await;
        assert!(site.server().log().contains("requests_per_minute below 1"));
    }

    async fn a_change_of_the_plan_applies_at_once_and_refills_nothing(builder: SiteBuilder) {
        let site = builder.set("RATE_LIMIT_USER", "100/86400").set("CHANGE_LOG_POLL_MS", 100).open().await;
        set_limit(&site, "6000");
        let anna = site.register("anna").await;
        let quota = async || parameter(&anna.get("/v1/me").await, "ratelimit-policy", "user", "q");
        assert_eq!(quota().await, 100);
        for _ in 0..10 {
            anna.get("/v1/me").await.expect(200);
        }
        anna.subscribe("pro").await;
        eventually_true("the limit of the plan applies", async || quota().await == 6000).await;
        let cancel = anna.post("/v1/subscription/cancel").idempotent().json(json!({"at_period_end": false}));
        cancel.await.expect(200);
        eventually_true("the default applies", async || quota().await == 100).await;
        assert!(remaining(&anna.get("/v1/me").await, "user") < 99, "what was used under one plan is used under the other");
    }
}
