//! Long runs of the job checker. `scripts/jobs` builds the program and starts this.

use std::time::Duration;

use checkers::settlements::trial::{Plan, Trial};
use harness::backend::OnBackend;
use harness::{Backend, Redis, SiteBuilder};

use crate::show;

/// Runs until this number of requests is acknowledged, or for so many seconds; panics on any finding.
pub async fn run(requests: Option<&str>, seconds: Option<&str>, seed: Option<&str>) {
    let number = |text: &str| text.parse::<u64>().unwrap_or_else(|_| panic!("{text} is no whole number"));
    let (requests, seed) = (requests.map_or(100_000, number), seed.map_or_else(rand::random, number));
    let plan = Plan {
        seed,
        // Some requests have no acknowledgement, and each user is asked for once.
        users: usize::try_from(requests + requests / 4).expect("a number of users") + 1000,
        requests,
        longest: seconds.map(number).map(Duration::from_secs),
        kills: 2,
        servers: 2,
        workers: 2,
        callers: 32,
        between_kills: Duration::from_secs(5),
        burst: None,
        postgres_every: Some(5),
        redis_every: Some(3),
        recovery_limit: 10_000,
    };
    show(format_args!("seed {seed}, {requests} jobs"));
    let builder = SiteBuilder::on(Backend::PostgresRedis).await.on_redis(Redis::running().await).on_own_postgres();
    let site = builder.set("RATE_LIMITS", false).set("CHANGE_LOG_POLL_MS", 100).open().await;
    let trial = Trial::run(site, plan).await;
    let statistics = trial.statistics.lock().unwrap();
    show(&*statistics);
    statistics.assert_no_findings();
    assert!(statistics.recovered() > 0, "no job lost its worker");
}
