//! A master that sentinels fail over, or that is demoted manually.

use harness::{Redis, Sentinels, Server, Site, SiteBuilder, eventually_true, postgres_only};

use super::falling_balance::{FallingBalance, POLL_MS};
use super::{check_hits, open, prefix};
use crate::cache::Fixture;
use crate::faults::redis_unavailable::Load;

async fn site_on(builder: SiteBuilder, url: &str) -> (Site, Server, Fixture) {
    let (site, second) = open(builder.set("CHANGE_LOG_POLL_MS", POLL_MS), url).await;
    let fixture = Fixture::create(&site).await;
    fixture.admin.grant(&fixture.anna, 100_000).await;
    check_hits(&fixture, &second).await;
    (site, second, fixture)
}

/// Asserts that every read hits again, in this Redis.
async fn check_recovered(site: &Site, second: &Server, fixture: &Fixture, master: &Redis) {
    check_hits(fixture, second).await;
    assert!(master.run(&["ROLE"]).starts_with("master"));
    let key = format!("{}{{user:coins:{}}}", prefix(site), fixture.anna.id);
    eventually_true("the new master holds a balance", async || {
        fixture.anna.balance().await;
        !master.keys(&key).is_empty()
    })
    .await;
}

postgres_only! {
    async fn a_master_that_dies_changes_no_answer_and_its_replica_takes_over(builder: SiteBuilder) {
        let sentinels = Sentinels::running().await;
        let (site, second, fixture) = site_on(builder, &sentinels.url()).await;
        FallingBalance::during(&fixture.anna, &second, async |falling_balance| {
            sentinels.first().kill();
            sentinels.wait_until_promoted().await;
            falling_balance.wait_for_requests().await;
        })
        .await;
        check_recovered(&site, &second, &fixture, sentinels.second()).await;
    }

    async fn a_master_that_hangs_changes_no_answer_and_its_replica_takes_over(builder: SiteBuilder) {
        let sentinels = Sentinels::running().await;
        let (site, second, fixture) = site_on(builder, &sentinels.url()).await;
        Load::during(&fixture, async |load| {
            sentinels.first().suspend();
            sentinels.wait_until_promoted().await;
            load.wait_for_requests(50).await;
        })
        .await;
        check_recovered(&site, &second, &fixture, sentinels.second()).await;
    }

    async fn a_master_that_is_switched_with_its_replica_changes_no_answer(builder: SiteBuilder) {
        let sentinels = Sentinels::running().await;
        let (site, second, fixture) = site_on(builder, &sentinels.url()).await;
        FallingBalance::during(&fixture.anna, &second, async |_| {
            sentinels.fail_over();
            sentinels.wait_until_promoted().await;
            sentinels.wait_until_demoted().await;
        })
        .await;
        check_recovered(&site, &second, &fixture, sentinels.second()).await;
    }

    async fn a_redis_that_becomes_a_replica_by_hand_changes_no_answer(builder: SiteBuilder) {
        let (redis, other) = (Redis::running().await, Redis::running().await);
        let (site, second, fixture) = site_on(builder, &redis.url()).await;
        FallingBalance::during(&fixture.anna, &second, async |falling_balance| {
            redis.run(&["REPLICAOF", "127.0.0.1", &other.port().to_string()]);
            falling_balance.wait_for_requests().await;
            redis.run(&["REPLICAOF", "NO", "ONE"]);
        })
        .await;
        check_recovered(&site, &second, &fixture, &redis).await;
    }
}
