//! Postgres hangs: what is public and cached still answers, everything else says soon that it cannot, and when Postgres goes on
//! so does everything, by itself.

use std::time::{Duration, Instant};

use futures_util::future::{join_all, join3};
use harness::{Request, Response, Site, SiteBuilder, eventually_true, on_backends};
use serde_json::json;

use crate::cache::policies::{Class, Policy};
use crate::cache::{Stage, Watched};

/// How soon a client hears that Postgres does not answer, and a little for the machine.
const SOON: Duration = Duration::from_millis(2000 + 500);
/// How soon everything works again.
const RECOVERY: Duration = Duration::from_secs(3);
/// The pace of the tail: what cannot be checked is soon no longer trusted.
const POLL_MS: u64 = 100;

async fn soon(request: Request) -> Response {
    let start = Instant::now();
    let answer = request.await;
    assert!(start.elapsed() < SOON, "{} took {:?}", answer.path(), start.elapsed());
    answer
}

async fn check_refused(request: Request) {
    let answer = soon(request).await.expect(503);
    assert!(answer.header("retry-after").parse::<u32>().is_ok(), "{answer:?}");
}

/// Demands what the promises say while Postgres hangs, of everything at once.
async fn check_without_postgres(site: &Site, stage: &Stage) {
    let (anna, guest) = (&stage.anna, site.client());
    let reads = stage.reads();
    let cached = join_all(reads.iter().map(|(policy, read)| check_cached(policy, read)));
    let public = join_all(["/v1/characters", "/v1/characters/Mira"].map(async |path| {
        let answer = soon(guest.get(path)).await.expect(200);
        assert!(answer.cache().ttl() < 0, "{answer:?}");
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

async fn check_cached(policy: &Policy, read: &Watched) {
    let start = Instant::now();
    let answer = read.attempt().await;
    assert!(start.elapsed() < SOON, "{} took {:?}", policy.key, start.elapsed());
    match policy.class {
        Class::Strict => assert_eq!(answer.status(), 503, "{answer:?}"),
        // Somebody has signed in for this one, and who that is only Postgres knows.
        Class::Near => assert!(answer.status() == 503 || answer.cache().ttl() < 0, "{answer:?}"),
    }
}

on_backends! {
    [postgres_memory PostgresMemory, postgres_redis PostgresRedis]
    async fn a_hung_postgres_is_told_soon_and_forgotten_when_it_goes_on(builder: SiteBuilder) {
        let site = builder.on_own_postgres().set("CHANGE_LOG_POLL_MS", POLL_MS).open().await;
        let stage = Stage::set(&site).await;
        for (_, read) in stage.reads() {
            read.warm().await;
        }
        let before = stage.anna.balance().await;
        let frozen = site.database().suspend();
        // For D what is cached is still known to be fresh.
        eventually_true("the cache is not trusted", async || soon(stage.anna.get("/v1/coins")).await.status() == 503).await;
        check_without_postgres(&site, &stage).await;
        drop(frozen);
        let thawed = Instant::now();
        eventually_true("it is ready", async || site.client().get("/health/ready").await.status() == 200).await;
        for (_, read) in stage.reads() {
            read.warm().await;
        }
        assert!(thawed.elapsed() < RECOVERY, "it took {:?}", thawed.elapsed());
        // Whatever became of it, under its key it happens once.
        let spend = stage.anna.post("/v1/coins/spend").key("one").json(json!({"amount": 1, "purpose": "a picture"}));
        spend.await.expect(201);
        assert_eq!(stage.anna.balance().await, before - 1);
        let open = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'";
        eventually_true("no transaction is open", async || site.database().query(open) == "0").await;
    }
}
