//! A revoked key is refused on another server when the revocation is acknowledged, whatever happens to Redis.

use futures_util::future::join_all;
use harness::{Key, Redis, Server, Site, SiteBuilder, User, on_backends};

/// Revocations at the same time, in each phase.
const TOGETHER: usize = 25;
const ROUNDS: usize = 4;

/// Revokes a remembered key on one server, and uses it on both at once.
async fn revoke(admin: &User, anna: &User, second: &Server, key: Key) {
    let (here, there) = (key.of_user(anna), key.of_user(anna).at(second));
    for client in [&here, &there, &here, &there] {
        client.get("/v1/me").await.expect(200);
    }
    admin.revoke_service_key(&key).await;
    there.get("/v1/me").await.expect(401).problem("token-revoked");
    here.get("/v1/me").await.expect(401).problem("token-revoked");
}

async fn check(site: &Site, second: &Server, rounds: usize, before_each: impl Fn()) {
    let (admin, anna) = (site.admin().await, User::sign_in(&site.client(), "anna@example.com", harness::PASSWORD).await);
    for _ in 0..rounds {
        before_each();
        let keys = join_all((0..TOGETHER).map(|_| admin.create_service_key(&["me:read"]))).await;
        join_all(keys.into_iter().map(|key| revoke(&admin, &anna, second, key))).await;
    }
}

on_backends! {
    [sqlite_memory SqliteMemory, postgres_memory PostgresMemory]
    async fn a_revocation_is_final_on_every_server(builder: SiteBuilder) {
        let (site, others) = builder.set("CHANGE_LOG_POLL_MS", 50).open_with_others(1).await;
        site.register("anna").await;
        check(&site, &others[0], ROUNDS, || ()).await;
    }
}

on_backends! {
    [sqlite_redis SqliteRedis, postgres_redis PostgresRedis]
    async fn a_revocation_is_final_with_redis_flushed_stopped_or_back(builder: SiteBuilder) {
        let builder = builder.set("CHANGE_LOG_POLL_MS", 50).on_redis(Redis::running().await);
        let (site, others) = builder.open_with_others(1).await;
        site.register("anna").await;
        let redis = site.redis();
        check(&site, &others[0], ROUNDS, || ()).await;
        check(&site, &others[0], ROUNDS, || assert_eq!(redis.run(&["FLUSHALL"]), "OK")).await;
        redis.suspend();
        check(&site, &others[0], 1, || ()).await;
        redis.resume();
        redis.kill();
        check(&site, &others[0], ROUNDS, || ()).await;
        redis.start().await;
        check(&site, &others[0], 1, || ()).await;
    }
}
