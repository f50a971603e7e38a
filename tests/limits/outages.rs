//! Limits without Redis.

use harness::{Redis, Site, SiteBuilder, User, eventually_true, redis_backends};

use super::exhaust;

/// More than these tests wait for.
const LIMIT: &str = "64/86400";

async fn limited(builder: SiteBuilder) -> (Site, User) {
    let site = builder.on_redis(Redis::running().await).set("RATE_LIMIT_USER", LIMIT).open().await;
    let anna = site.register("anna").await;
    (site, anna)
}

redis_backends! {
    async fn an_outage_does_not_begin_with_a_full_limit(builder: SiteBuilder) {
        let (site, anna) = limited(builder).await;
        // The login has read /v1/me once.
        for _ in 0..49 {
            anna.get("/v1/me").await.expect(200);
        }
        site.redis().kill();
        let (admitted, _) = exhaust(64, || anna.get("/v1/me")).await;
        // A lease that is left is spent before the server notices.
        assert!((14..=18).contains(&admitted), "{admitted}");
    }

    async fn a_server_that_starts_without_redis_limits_alone(builder: SiteBuilder) {
        let site = builder.on_redis(Redis::absent()).set("RATE_LIMIT_USER", LIMIT).open().await;
        let anna = site.register("anna").await;
        assert_eq!(exhaust(64, || anna.get("/v1/me")).await.0, 63);
    }

    async fn a_flush_refills_once(builder: SiteBuilder) {
        let (site, anna) = limited(builder).await;
        exhaust(64, || anna.get("/v1/me")).await;
        site.redis().run(&["FLUSHALL"]);
        // A refusal is remembered for its delay, which is longer than this test: another server asks at once.
        let second = site.second_server().await;
        let there = anna.at(&second);
        let (admitted, _) = exhaust(64, || there.get("/v1/me")).await;
        assert_eq!(admitted, 64);
    }

    async fn the_metrics_show_a_server_that_limits_alone(builder: SiteBuilder) {
        let (site, anna) = limited(builder).await;
        let alone = async || {
            let metrics = site.client().get("/metrics").undocumented().await;
            String::from_utf8_lossy(metrics.body()).contains("\natelier_limits_alone 1\n")
        };
        assert!(!alone().await);
        site.redis().kill();
        eventually_true("the server limits alone", async || {
            let _ = anna.post("/v1/me/characters").json(serde_json::json!({})).await;
            alone().await
        })
        .await;
    }

    async fn limits_are_kept_under_the_prefix_and_expire(builder: SiteBuilder) {
        let (site, anna) = limited(builder).await;
        let pattern = format!("{}{{limit:user:{}}}:user", site.settings()["REDIS_PREFIX"], anna.id);
        let keys = site.redis().keys(&pattern);
        assert_eq!(keys.len(), 1, "{pattern}");
        let expires: i64 = site.redis().run(&["PTTL", &keys[0]]).parse().unwrap();
        assert!((1..=86_400_000).contains(&expires), "{expires}");
        assert!(site.redis().run(&["GET", &keys[0]]).split(' ').all(|number| number.parse::<u64>().is_ok()));
    }
}
