//! Jobs: how many a second, how soon the first one, and what a claim costs among many.
//!
//! * [`throughput`]: jobs a second of one server, against the same SQL under pgbench
//! * [`latency`]: the start of a job on an idle system, against graphile-worker
//! * [`claims`]: a claim among a million jobs, against one among a thousand
//! * [`spends`]: spends on `SQLite` while jobs run, against spends without jobs
//!
//! The jobs are mails whose token does not exist. They end after one look and keep no mail, so the queue is measured.

mod claims;
mod latency;
mod rows;
mod spends;
mod throughput;

use crate::{setup, show};

/// The jobs of a round, the measured starts and the rows of the large table, unless a scale divides them.
const JOBS: usize = 10_000;
const STARTS: usize = 200;
const ROWS: usize = 1_000_000;

/// Measures everything and prints the results. A scale makes it smaller, to try the benchmark itself.
pub async fn run(scale: Option<&str>) {
    let scale: usize = scale.map_or(1, |text| text.parse().expect("a whole number"));
    if scale > 1 {
        show(format_args!("a trial with {scale} times fewer jobs: its results are no measurement"));
    }
    let mut site = setup::open().await;
    throughput::run(&site, JOBS / scale).await;
    latency::run(&site, STARTS / scale.min(20)).await;
    site.kill_server();
    claims::run(site.database(), ROWS / scale);
    drop(site);
    spends::run(JOBS / scale).await;
}
