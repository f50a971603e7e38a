//! Long runs of the checker of limits.

use std::time::Duration;

use checkers::admission::{Plan, run as run_plan};
use harness::backend::OnBackend;
use harness::{Backend, Redis, SiteBuilder};

use crate::show;

/// Four servers at four times a limit; panics if too many or too few requests are admitted.
pub async fn run(seconds: Option<&str>) {
    let seconds = seconds.map_or(60, |text| text.parse().unwrap_or_else(|_| panic!("{text} is no whole number")));
    let plan = Plan { servers: 4, quota: 600, window: 6, excess: 4, lasting: Duration::from_secs(seconds) };
    show(format_args!("{} servers at {} times {} requests in {} s", plan.servers, plan.excess, plan.quota, plan.window));
    let builder = SiteBuilder::on(Backend::PostgresRedis).await.on_redis(Redis::running().await);
    let outcome = run_plan(builder, &plan).await;
    show(&outcome);
    outcome.assert_within_bounds();
}
