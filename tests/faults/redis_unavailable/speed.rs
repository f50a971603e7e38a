//! How long anybody waits for a Redis that hangs, and how soon it is used again.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use harness::{CacheStatus, Redis, SiteBuilder, eventually_true, redis_backends};

use crate::cache::Stage;

/// What the first requests may wait for Redis: one time-out of ours, and a little for the machine.
const DISCOVERY: Duration = Duration::from_millis(250);
/// How soon after Redis goes on everything hits again.
const RECOVERY: Duration = Duration::from_secs(2);

/// Reads everything at the same time, several times over; answers the slowest.
async fn slowest(stage: &Stage) -> Duration {
    let reads = stage.reads();
    let timed = (0..4).flat_map(|_| &reads).map(async |(_, read)| {
        let start = Instant::now();
        read.now().await;
        start.elapsed()
    });
    join_all(timed).await.into_iter().max().unwrap_or_default()
}

redis_backends! {
    async fn a_hung_redis_costs_one_short_wait_and_is_used_again_soon(builder: SiteBuilder) {
        let site = builder.on_redis(Redis::running().await).open().await;
        let stage = Stage::set(&site).await;
        slowest(&stage).await;
        site.redis().suspend();
        let discovery = slowest(&stage).await;
        eventually_true("nobody asks it any more", async || {
            stage.anna.get("/v1/coins").await.expect(200).cache() == CacheStatus::Bypass
        })
        .await;
        // From here on only the database is asked: what that costs on this machine at this moment is the measure.
        let database = slowest(&stage).await.max(slowest(&stage).await);
        assert!(discovery < 2 * database + DISCOVERY, "{discovery:?}, the database alone {database:?}");
        stage.anna.spend(1).await;
        site.redis().resume();
        let thawed = Instant::now();
        for (_, read) in stage.reads() {
            read.warm().await;
        }
        assert!(thawed.elapsed() < RECOVERY, "it took {:?}", thawed.elapsed());
    }
}
