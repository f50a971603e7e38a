//! Long runs of the money checker. `scripts/money` builds the program and starts this.

use std::time::Duration;

use checkers::money::trial::{Plan, Trial};
use harness::backend::OnBackend;
use harness::{Backend, Redis, SiteBuilder};

use crate::show;

/// Runs until this number of operations is acknowledged; panics on any finding.
pub async fn run(operations: Option<&str>, seed: Option<&str>) {
    let number = |text: &str| text.parse::<u64>().unwrap_or_else(|_| panic!("{text} is no whole number"));
    let plan = Plan {
        seed: seed.map_or_else(rand::random, number),
        operations: operations.map_or(100_000, number),
        servers: 3,
        kills: 2,
        between_kills: Duration::from_secs(5),
        callers: 32,
    };
    show(format_args!("seed {}, {} operations", plan.seed, plan.operations));
    let builder = SiteBuilder::on(Backend::PostgresRedis).await.on_redis(Redis::running().await).set("CHANGE_LOG_POLL_MS", 100);
    let trial = Trial::run(builder.open().await, &plan).await;
    let statistics = trial.statistics.lock().unwrap();
    show(&*statistics);
    statistics.assert_no_findings();
    assert!(statistics.is_substantial());
}
