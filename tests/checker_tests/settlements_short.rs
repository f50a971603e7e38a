//! The short runs of the job checker.

use std::time::Duration;

use harness::backend::OnBackend;
use harness::{Backend, Redis, SiteBuilder, run_alone};

use checkers::settlements::trial::{Plan, Trial};

/// A plan with two servers and a worker, of which three are killed.
fn plan() -> Plan {
    let seed = rand::random();
    println!("seed {seed}");
    Plan {
        seed,
        users: 3000,
        requests: 400,
        longest: None,
        kills: 3,
        servers: 2,
        workers: 1,
        callers: 16,
        between_kills: Duration::from_secs(3),
        burst: None,
        postgres_every: Some(2),
        redis_every: Some(3),
        // The machine may be busy with other tests; the long run has the promised limit.
        recovery_limit: 20_000,
    }
}

async fn check(builder: SiteBuilder, plan: Plan) {
    let site = builder.set("RATE_LIMITS", false).set("CHANGE_LOG_POLL_MS", 100).open().await;
    let requests = plan.requests;
    let trial = Trial::run(site, plan).await;
    let statistics = trial.statistics.lock().unwrap();
    println!("{statistics}");
    statistics.assert_no_findings();
    assert!(statistics.acknowledged >= requests, "too few requests");
}

mod jobs_are_settled_once_with_their_effects_despite_kills_and_crashes {
    use super::*;

    #[test]
    fn postgres_redis() {
        run_alone(async {
            let builder = SiteBuilder::on(Backend::PostgresRedis).await.on_redis(Redis::running().await).on_own_postgres();
            check(builder, plan()).await;
        });
    }

    #[test]
    fn sqlite_memory() {
        let plan = Plan {
            users: 150,
            requests: 100,
            servers: 1,
            callers: 4,
            burst: Some(50),
            postgres_every: None,
            redis_every: None,
            ..plan()
        };
        run_alone(async { check(SiteBuilder::on(Backend::SqliteMemory).await, plan).await });
    }
}
