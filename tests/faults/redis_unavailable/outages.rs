//! Failures of Redis itself.

use harness::{CacheStatus, PASSWORD, Redis, Site, SiteBuilder, User, eventually_true, redis_backends};
use serde_json::json;
use ulid::Ulid;

use super::load::Load;
use crate::cache::Fixture;
use crate::cache::policies::Class;

async fn on_own_redis(builder: SiteBuilder) -> (Site, Fixture) {
    let site = builder.on_redis(Redis::running().await).open().await;
    let fixture = Fixture::create(&site).await;
    (site, fixture)
}

/// Asserts that every value is cached again, in Redis.
async fn check_recovered(site: &Site, fixture: &Fixture) {
    for (_, read) in fixture.reads() {
        read.warm().await;
    }
    eventually_true("Redis holds a balance", async || {
        fixture.anna.balance().await;
        !site.redis_keys(&format!("user:coins:{}", fixture.anna.id)).is_empty()
    })
    .await;
}

/// Asserts that all reads are served from the database and see each write at once.
async fn check_without_redis(site: &Site, fixture: &Fixture) {
    for (policy, read) in fixture.reads() {
        let response = read.now().await;
        assert!(policy.class == Class::Near || response.cache() == CacheStatus::Bypass, "{}: {response:?}", policy.key);
    }
    User::sign_in(&site.client(), &fixture.anna.email, PASSWORD).await;
    let ben = site.register(&format!("ben-{}", Ulid::new())).await;
    fixture.admin.grant(&ben, 5).await;
    assert_eq!(ben.spend(1).await.number("balance"), ben.balance().await);
    let nora = ben.create_character("Nora").await;
    let profile = async || ben.get("/v1/me/characters/by-name/Nora").await.expect(200);
    assert_eq!(profile().await["scenario"], "");
    ben.change(&format!("/v1/me/characters/{}", nora.id()), json!({"scenario": "A storm."})).await;
    assert_eq!(profile().await["scenario"], "A storm.");
}

redis_backends! {
    async fn a_server_starts_without_redis_and_finds_it_when_it_comes(builder: SiteBuilder) {
        let site = builder.on_redis(Redis::absent()).open().await;
        let fixture = Fixture::create(&site).await;
        check_without_redis(&site, &fixture).await;
        site.redis().start().await;
        check_recovered(&site, &fixture).await;
    }

    async fn a_killed_redis_changes_no_answer(builder: SiteBuilder) {
        let (site, fixture) = on_own_redis(builder).await;
        Load::during(&fixture, async |load| {
            site.redis().kill();
            load.wait_for_requests(100).await;
            check_without_redis(&site, &fixture).await;
            site.redis().start().await;
        })
        .await;
        check_recovered(&site, &fixture).await;
    }

    async fn a_suspended_redis_changes_no_answer(builder: SiteBuilder) {
        let (site, fixture) = on_own_redis(builder).await;
        Load::during(&fixture, async |load| {
            site.redis().suspend();
            load.wait_for_requests(100).await;
            check_without_redis(&site, &fixture).await;
            site.redis().resume();
        })
        .await;
        check_recovered(&site, &fixture).await;
    }

    async fn a_redis_that_dies_again_and_again_changes_no_answer(builder: SiteBuilder) {
        let (site, fixture) = on_own_redis(builder).await;
        Load::during(&fixture, async |load| {
            for _ in 0..3 {
                site.redis().kill();
                load.wait_for_requests(20).await;
                site.redis().start().await;
                load.wait_for_requests(20).await;
            }
        })
        .await;
        check_recovered(&site, &fixture).await;
    }

    async fn a_redis_that_takes_no_writes_changes_no_answer(builder: SiteBuilder) {
        let (site, fixture) = on_own_redis(builder).await;
        for (setting, broken, sound) in [("maxmemory", "1", "0"), ("min-replicas-to-write", "1", "0")] {
            Load::during(&fixture, async |load| {
                site.redis().run(&["FLUSHALL"]);
                site.redis().run(&["CONFIG", "SET", setting, broken]);
                load.wait_for_requests(100).await;
                site.redis().run(&["CONFIG", "SET", setting, sound]);
            })
            .await;
            check_recovered(&site, &fixture).await;
        }
    }

    async fn a_redis_that_is_emptied_or_cuts_its_connections_changes_no_answer(builder: SiteBuilder) {
        let (site, fixture) = on_own_redis(builder).await;
        Load::during(&fixture, async |load| {
            for command in
                [["FLUSHALL", "SYNC"].as_slice(), &["CLIENT", "KILL", "TYPE", "normal"], &["SCRIPT", "FLUSH"]].repeat(3)
            {
                site.redis().run(command);
                load.wait_for_requests(20).await;
            }
        })
        .await;
        check_recovered(&site, &fixture).await;
    }

    async fn a_redis_with_another_password_changes_no_answer(builder: SiteBuilder) {
        let (site, fixture) = on_own_redis(builder).await;
        site.redis().run(&["CONFIG", "SET", "requirepass", "changed"]);
        let other = site.second_server().await;
        let anna = fixture.anna.at(&other);
        let acknowledged = anna.spend(1).await.number("balance");
        assert_eq!(anna.balance().await, acknowledged);
        anna.get("/v1/characters").await.expect(200);
    }
}
