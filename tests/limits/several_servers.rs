//! Several servers share a limit: a short run of the checker.

use std::time::Duration;

use checkers::admission::{Plan, run};
use harness::{Client, Sentinels, SiteBuilder, eventually_true, postgres_only, redis_backends};

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

    async fn a_failover_refills_a_limit_at_most_once(builder: SiteBuilder) {
        let sentinels = Sentinels::running().await;
        let site = builder.set("REDIS_URL", sentinels.url()).set("RATE_LIMIT_USER", "64/86400").open().await;
        let anna = site.register("anna").await;
        crate::limits::exhaust(64, || anna.get("/v1/me")).await;
        // Servers that have seen none of these requests know of them by Redis only.
        let (second, third) = (site.second_server().await, site.second_server().await);
        sentinels.first().kill();
        sentinels.wait_until_promoted().await;
        for server in [&second, &third] {
            let client = Client::new(Client::http(), server.url());
            eventually_true("the server limits with the new master", async || {
                let metrics = client.get("/metrics").undocumented().await;
                String::from_utf8_lossy(metrics.body()).contains("\natelier_limits_alone 0\n")
            })
            .await;
        }
        let (at_second, at_third) = (anna.at(&second), anna.at(&third));
        let (admitted, _) = crate::limits::exhaust(64, || at_second.get("/v1/me")).await;
        let (more, _) = crate::limits::exhaust(64, || at_third.get("/v1/me")).await;
        assert!(admitted + more <= 64, "{admitted} and {more}");
        assert_eq!(sentinels.second().keys(&format!("*limit:user:{}*", anna.id)).len(), 1);
    }
}
