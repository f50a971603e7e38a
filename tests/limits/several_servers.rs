//! Several servers share a limit: a short run of the checker.

use std::time::Duration;

use checkers::admission::{Plan, run};
use harness::{SiteBuilder, postgres_only, redis_backends};

redis_backends! {
    async fn four_servers_admit_what_one_limit_allows(builder: SiteBuilder) {
        let plan = Plan { servers: 4, quota: 150, window: 3, excess: 4, lasting: Duration::from_secs(6) };
        let outcome = run(builder, &plan).await;
        println!("{outcome}");
        outcome.assert_within_bounds();
    }
}

postgres_only! {
    async fn a_cluster_decides_all_limits_of_a_subject_on_one_node(builder: SiteBuilder) {
        let cluster = harness::RedisCluster::of_masters().await;
        let site = builder.set("REDIS_URL", cluster.url()).set("REDIS_PREFIX", "limits:").set("RATE_LIMIT_ADDRESS", "20/86400").open().await;
        let request = || site.client().get("/v1/plans").header("X-Forwarded-For", "2001:db8::1");
        assert_eq!(crate::limits::exhaust(20, request).await.0, 20);
        let second = site.second_server().await;
        let there = harness::Client::new(harness::Client::http(), second.url());
        there.get("/v1/plans").header("X-Forwarded-For", "2001:db8::2").await.expect(429);
    }
}
