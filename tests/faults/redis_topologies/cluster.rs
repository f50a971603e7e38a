//! Redis Cluster.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use harness::{Redis, RedisCluster, SiteBuilder, User, eventually_true, postgres_only};
use serde_json::json;

use super::{check_hits, open, prefix};
use crate::cache::{CachedRead, Fixture};
use crate::faults::redis_unavailable::Load;

/// The time in which a pushed change is visible on another server; the change log would need up to ten seconds here.
const PUSHED: Duration = Duration::from_secs(2);

/// The hash tag of a balance's key.
fn balance_of(user: &User) -> String {
    format!("{{user:coins:{}}}", user.id)
}

/// Asserts that a failure of a master changes no response, and that its replica is used afterwards.
async fn check_takeover(builder: SiteBuilder, befalls: fn(&Redis)) {
    let cluster = RedisCluster::with_replicas().await;
    let (site, second) = open(builder, &cluster.url()).await;
    let fixture = Fixture::create(&site).await;
    check_hits(&fixture, &second).await;
    let master = cluster.owner_of(&balance_of(&fixture.anna));
    Load::during(&fixture, async |load| {
        befalls(&cluster.masters()[master]);
        let promoted = async || cluster.replica_of(master).run(&["ROLE"]).starts_with("master");
        eventually_true("the replica is promoted", promoted).await;
        load.wait_for_requests(50).await;
    })
    .await;
    check_hits(&fixture, &second).await;
}

postgres_only! {
    async fn every_key_hits_on_both_servers_and_every_write_invalidates_it(builder: SiteBuilder) {
        let cluster = RedisCluster::of_masters().await;
        let (site, second) = open(builder, &cluster.url()).await;
        let fixture = Fixture::create(&site).await;
        check_hits(&fixture, &second).await;
        let there = fixture.anna.at(&second);
        for round in 0..10 {
            assert_eq!(fixture.anna.spend(1).await.number("balance"), there.balance().await);
            there.send_message(&fixture.chat, "Well.").await;
            let history = fixture.anna.get(format!("/v1/chats/{}/messages", fixture.chat)).await.expect(200);
            assert_eq!(history.items().len(), 2 + round);
        }
        check_hits(&fixture, &second).await;
        for master in cluster.masters() {
            assert!(!master.run(&["INFO", "errorstats"]).contains("CROSSSLOT"));
        }
    }

    async fn values_are_spread_over_the_masters(builder: SiteBuilder) {
        let cluster = RedisCluster::of_masters().await;
        let (site, _second) = open(builder, &cluster.url()).await;
        let prefix = prefix(&site);
        for name in ["anna", "ben", "cleo", "dora", "emil", "fred", "gina", "hugo"] {
            let user = site.register(name).await;
            join_all(["/v1/coins", "/v1/me/settings", "/v1/me/characters"].map(|path| user.get(path).into_future())).await;
        }
        let spread = cluster.keys_per_master(prefix);
        assert!(spread.iter().all(|keys| *keys > 0), "{spread:?}");
    }

    async fn a_change_is_pushed_to_the_other_server(builder: SiteBuilder) {
        let cluster = RedisCluster::of_masters().await;
        let (site, second) = open(builder.set("CHANGE_LOG_POLL_MS", 10_000), &cluster.url()).await;
        let fixture = Fixture::create(&site).await;
        let there = CachedRead::new(&fixture.anna, "/v1/characters/Mira").at(&second);
        for round in 0..6 {
            there.warm().await;
            let (tags, start) = (json!([format!("storm-{round}")]), Instant::now());
            fixture.anna.change(&format!("/v1/me/characters/{}", fixture.mira), json!({"tags": tags})).await;
            eventually_true("the other server shows the change", async || there.now().await["tags"] == tags).await;
            assert!(start.elapsed() < PUSHED, "the push took {:?}", start.elapsed());
        }
    }

    async fn a_master_that_dies_with_its_slots_changes_no_answer(builder: SiteBuilder) {
        let cluster = RedisCluster::of_masters().await;
        let (site, second) = open(builder, &cluster.url()).await;
        let fixture = Fixture::create(&site).await;
        let master = &cluster.masters()[cluster.owner_of(&balance_of(&fixture.anna))];
        Load::during(&fixture, async |load| {
            master.kill();
            load.wait_for_requests(200).await;
            master.start().await;
            load.wait_for_requests(50).await;
        })
        .await;
        cluster.wait_until_served().await;
        check_hits(&fixture, &second).await;
    }

    async fn a_master_that_hangs_changes_no_answer(builder: SiteBuilder) {
        let cluster = RedisCluster::of_masters().await;
        let (site, second) = open(builder, &cluster.url()).await;
        let fixture = Fixture::create(&site).await;
        let master = &cluster.masters()[cluster.owner_of(&balance_of(&fixture.anna))];
        Load::during(&fixture, async |load| {
            master.suspend();
            load.wait_for_requests(200).await;
            master.resume();
        })
        .await;
        cluster.wait_until_served().await;
        check_hits(&fixture, &second).await;
    }

    async fn the_replica_of_a_dead_master_takes_over_and_everything_hits_again(builder: SiteBuilder) {
        check_takeover(builder, Redis::kill).await;
    }

    async fn the_replica_of_a_hung_master_takes_over_and_everything_hits_again(builder: SiteBuilder) {
        check_takeover(builder, Redis::suspend).await;
    }

    async fn a_switch_of_master_and_replica_changes_no_answer(builder: SiteBuilder) {
        let cluster = RedisCluster::with_replicas().await;
        let (site, second) = open(builder, &cluster.url()).await;
        let fixture = Fixture::create(&site).await;
        check_hits(&fixture, &second).await;
        Load::during(&fixture, async |load| {
            for master in 0..3 {
                cluster.replica_of(master).run(&["CLUSTER", "FAILOVER"]);
                let switched = async || cluster.masters()[master].run(&["ROLE"]).starts_with("slave");
                eventually_true("the replica is promoted", switched).await;
                load.wait_for_requests(20).await;
            }
        })
        .await;
        check_hits(&fixture, &second).await;
    }
}
