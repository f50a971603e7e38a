//! A master that sentinels fail over, or that somebody demotes by hand.

use harness::{Redis, Sentinels, Server, Site, SiteBuilder, eventually_true, postgres_only};

use super::falling_balance::{POLL_MS, Sold};
use super::{check_hits, open, prefix};
use crate::cache::Stage;
use crate::faults::redis_unavailable::Load;

async fn site_on(builder: SiteBuilder, url: &str) -> (Site, Server, Stage) {
    let (site, second) = open(builder.set("CHANGE_LOG_POLL_MS", POLL_MS), url).await;
    let stage = Stage::set(&site).await;
    stage.admin.grant(&stage.anna, 100_000).await;
    check_hits(&stage, &second).await;
    (site, second, stage)
}

/// Demands that everything hits again, and in this Redis.
async fn check_recovered(site: &Site, second: &Server, stage: &Stage, master: &Redis) {
    check_hits(stage, second).await;
    assert!(master.run(&["ROLE"]).starts_with("master"));
    let key = format!("{}{{user:coins:{}}}", prefix(site), stage.anna.id);
    eventually_true("the new master holds a balance", async || {
        stage.anna.balance().await;
        !master.keys(&key).is_empty()
    })
    .await;
}

postgres_only! {
    async fn a_master_that_dies_changes_no_answer_and_its_replica_takes_over(builder: SiteBuilder) {
        let sentinels = Sentinels::running().await;
        let (site, second, stage) = site_on(builder, &sentinels.url()).await;
        Sold::during(&stage.anna, &second, async |sold| {
            sentinels.first().kill();
            sentinels.wait_until_promoted().await;
            sold.goes_on().await;
        })
        .await;
        check_recovered(&site, &second, &stage, sentinels.second()).await;
    }

    async fn a_master_that_hangs_changes_no_answer_and_its_replica_takes_over(builder: SiteBuilder) {
        let sentinels = Sentinels::running().await;
        let (site, second, stage) = site_on(builder, &sentinels.url()).await;
        Load::during(&stage, async |load| {
            sentinels.first().suspend();
            sentinels.wait_until_promoted().await;
            load.goes_on(50).await;
        })
        .await;
        check_recovered(&site, &second, &stage, sentinels.second()).await;
    }

    async fn a_master_that_is_switched_with_its_replica_changes_no_answer(builder: SiteBuilder) {
        let sentinels = Sentinels::running().await;
        let (site, second, stage) = site_on(builder, &sentinels.url()).await;
        Sold::during(&stage.anna, &second, async |_| {
            sentinels.fail_over();
            sentinels.wait_until_promoted().await;
            sentinels.wait_until_demoted().await;
        })
        .await;
        check_recovered(&site, &second, &stage, sentinels.second()).await;
    }

    async fn a_redis_that_becomes_a_replica_by_hand_changes_no_answer(builder: SiteBuilder) {
        let (redis, other) = (Redis::running().await, Redis::running().await);
        let (site, second, stage) = site_on(builder, &redis.url()).await;
        Sold::during(&stage.anna, &second, async |sold| {
            redis.run(&["REPLICAOF", "127.0.0.1", &other.port().to_string()]);
            sold.goes_on().await;
            redis.run(&["REPLICAOF", "NO", "ONE"]);
        })
        .await;
        check_recovered(&site, &second, &stage, &redis).await;
    }
}
