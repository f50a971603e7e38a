//! Benchmarks: ratios within one run, because machines are noisy. `scripts/bench` builds and starts them.
//!
//! | bench | what it measures |
//! |---|---|
//! | `cache` | hits, misses and the database path against a static response of the same bytes |
//! | `coins` | spends over HTTP against the same SQL under pgbench |
//! | `data` | uploads and trainings of data sessions, and the scores of models against scikit-learn |
//! | `jobs` | jobs a second against pgbench, their start against graphile-worker, claims among many, spends beside jobs |
//! | `jobs-checker` | not speed: long runs of the job checker |
//! | `limits` | not speed: a long run of the checker of limits |
//! | `limits-cost` | hits with limits against hits without them |
//! | `freshness` | not speed: long runs of the freshness checker |
//! | `money` | not speed: long runs of the money checker |
//! | `people` | 100 users online: their hit rate, and the reads that the database is spared |
//! | `revocations` | not speed: long runs of the revocation checker |
//! | `rivals` | cached reads against `FastAPI`, and against Fastify with `BentoCache` and ioredis |

#![allow(unreachable_pub, reason = "`pub` says what a module offers to the others; no other crate can use a benchmark")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark that cannot go on has failed")]

mod baseline;
mod cache;
mod coins;
mod data;
mod freshness_runs;
mod jobs;
mod limits_cost;
mod limits_runs;
mod machine;
mod money_runs;
mod people;
mod pgbench;
mod revocation_runs;
mod rival;
mod rivals;
mod settlement_runs;
mod setup;
mod target;
mod wrk;

use std::io::Write;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    // One worker per core that it may use; the driver's core is not the server's.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    match words.as_slice() {
        ["baseline", port, redis, files @ ..] => runtime.block_on(baseline::serve(port, redis, files)),
        ["cache", ..] => runtime.block_on(cache::run()),
        ["coins", ..] => runtime.block_on(coins::run()),
        ["data", names @ ..] => runtime.block_on(data::run(names)),
        ["people", ..] => runtime.block_on(people::run()),
        ["freshness", more @ ..] => runtime.block_on(freshness_runs::run(more.first().copied(), more.get(1).copied())),
        ["money", more @ ..] => runtime.block_on(money_runs::run(more.first().copied(), more.get(1).copied())),
        ["revocations", more @ ..] => runtime.block_on(revocation_runs::run(more.first().copied(), more.get(1).copied())),
        ["jobs", more @ ..] => runtime.block_on(jobs::run(more.first().copied())),
        ["jobs-checker", more @ ..] => {
            runtime.block_on(settlement_runs::run(more.first().copied(), more.get(1).copied(), more.get(2).copied()));
        }
        ["limits-cost", ..] => runtime.block_on(limits_cost::run()),
        ["limits", more @ ..] => runtime.block_on(limits_runs::run(more.first().copied())),
        ["rivals", ..] => runtime.block_on(rivals::run()),
        _ => show("usage: scripts/bench cache | coins | data | jobs | people | limits | limits-cost | rivals"),
    }
}

/// Prints a line of the report.
fn show(line: impl std::fmt::Display) {
    writeln!(std::io::stdout(), "{line}").expect("the output is open");
}
