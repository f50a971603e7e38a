//! Postgres is suspended: cached public content is still served, other requests are refused soon, and all work again when
//! Postgres resumes.

use std::time::{Duration, Instant};

use futures_util::future::{join_all, join3};
use harness::{Request, Response, Site, SiteBuilder, eventually_true, on_backends};
use serde_json::json;

use crate::cache::policies::{Class, Policy};
use crate::cache::{CachedRead, Fixture};

/// The time in which a request is refused, with a tolerance for the machine.
const REFUSAL: Duration = Duration::from_millis(2000 + 500);
/// The time in which all requests work again.
const RECOVERY: Duration = Duration::from_secs(3);
/// The interval of the tail, short so that cached values soon count as unchecked.
const POLL_MS: u64 = 100;

async fn within_refusal_time(request: Request) -> Response {
    let start = Instant::now();
    let response = request.await;
    assert!(start.elapsed() < REFUSAL, "{} took {:?}", response.path(), start.elapsed());
    response
}

async fn check_refused(request: Request) {
    let response = within_refusal_time(request).await.expect(503);
    assert!(response.header("retry-after").parse::<u32>().is_ok(), "{response:?}");
}

/// Asserts the promises for a suspended Postgres, with concurrent requests.
async fn check_without_postgres(site: &Site, fixture: &Fixture) {
    let (anna, guest) = (&fixture.anna, site.client());
    let reads = fixture.reads();
    let cached = join_all(reads.iter().map(|(policy, read)| check_cached(policy, read)));
    let public = join_all(["/v1/characters", "/v1/characters/Mira"].map(async |path| {
        let response = within_refusal_time(guest.get(path)).await.expect(200);
        assert!(response.cache().ttl() < 0, "{response:?}");
    }));
    let refused = join_all(
        [
            guest.get("/health/ready"),
            guest.get("/v1/plans"),
            anna.get("/v1/coins/ledger"),
            anna.put("/v1/me/settings").if_match("*").json(json!({"max_group_reply_rounds": 9})),
            anna.post("/v1/coins/spend").key("one").json(json!({"amount": 1, "purpose": "a picture"})),
        ]
        .map(check_refused),
    );
    join3(cached, public, refused).await;
}

async fn check_cached(policy: &Policy, read: &CachedRead) {
    let start = Instant::now();
    let response = read.attempt().await;
    assert!(start.elapsed() < REFUSAL, "{} took {:?}", policy.key, start.elapsed());
    match policy.class {
        Class::Strict => assert_eq!(response.status(), 503, "{response:?}"),
        // This read requires a login, which only Postgres can verify.
        Class::Near => assert!(response.status() == 503 || response.cache().ttl() < 0, "{response:?}"),
    }
}

on_backends! {
    [postgres_memory PostgresMemory, postgres_redis PostgresRedis]
    async fn a_suspended_postgres_is_reported_soon_and_used_again_when_it_resumes(builder: SiteBuilder) {
        let site = builder.on_own_postgres().set("CHANGE_LOG_POLL_MS", POLL_MS).open().await;
        let fixture = Fixture::create(&site).await;
        for (_, read) in fixture.reads() {
            read.warm().await;
        }
        let before = fixture.anna.balance().await;
        let frozen = site.database().suspend();
        // For D cached values still count as fresh.
        eventually_true("the cache is not trusted", async || within_refusal_time(fixture.anna.get("/v1/coins")).await.status() == 503).await;
        check_without_postgres(&site, &fixture).await;
        drop(frozen);
        let resumed = Instant::now();
        eventually_true("it is ready", async || site.client().get("/health/ready").await.status() == 200).await;
        for (_, read) in fixture.reads() {
            read.warm().await;
        }
        assert!(resumed.elapsed() < RECOVERY, "it took {:?}", resumed.elapsed());
        // Whether or not the first attempt was applied, the key makes it happen once.
        let spend = fixture.anna.post("/v1/coins/spend").key("one").json(json!({"amount": 1, "purpose": "a picture"}));
        spend.await.expect(201);
        assert_eq!(fixture.anna.balance().await, before - 1);
        let open = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'";
        eventually_true("no transaction is open", async || site.database().query(open) == "0").await;
    }
}
