//! The added latency of a suspended Redis, and the time until it is used again.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use harness::{CacheStatus, Redis, SiteBuilder, eventually_true, redis_backends};

use crate::cache::Fixture;

/// The maximum wait of the first requests: one time-out, with a tolerance for the machine.
const DISCOVERY: Duration = Duration::from_millis(250);
/// The time after the resumption in which every read hits again.
const RECOVERY: Duration = Duration::from_secs(2);

/// Reads every value concurrently, several times; returns the longest duration.
async fn slowest(fixture: &Fixture) -> Duration {
    let reads = fixture.reads();
    let timed = (0..4).flat_map(|_| &reads).map(async |(_, read)| {
        let start = Instant::now();
        read.now().await;
        start.elapsed()
    });
    join_all(timed).await.into_iter().max().unwrap_or_default()
}

redis_backends! {
    async fn a_suspended_redis_costs_one_short_wait_and_is_used_again_soon(builder: SiteBuilder) {
        let site = builder.on_redis(Redis::running().await).open().await;
        let fixture = Fixture::create(&site).await;
        slowest(&fixture).await;
        site.redis().suspend();
        let discovery = slowest(&fixture).await;
        eventually_true("nobody asks it any more", async || {
            fixture.anna.get("/v1/coins").await.expect(200).cache() == CacheStatus::Bypass
        })
        .await;
        // From here on all reads use the database; their duration on this machine is the reference.
        let database = slowest(&fixture).await.max(slowest(&fixture).await);
        assert!(discovery < 2 * database + DISCOVERY, "{discovery:?}, the database alone {database:?}");
        fixture.anna.spend(1).await;
        site.redis().resume();
        let resumed = Instant::now();
        for (_, read) in fixture.reads() {
            read.warm().await;
        }
        assert!(resumed.elapsed() < RECOVERY, "it took {:?}", resumed.elapsed());
    }
}
