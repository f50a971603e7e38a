//! Long runs of the freshness checker, also on programs without a safeguard, which it must catch. `scripts/freshness` builds both
//! programs and starts this.

use std::path::PathBuf;
use std::time::Duration;

use checkers::freshness::deployment::Program;
use checkers::freshness::failure_log::Failure;
use checkers::freshness::statistics::Report;
use checkers::freshness::trial::{Plan, Trial};
use harness::program;

use crate::show;

/// Programs without a safeguard: name, omitted safeguards, failures of the run.
///
/// Where a second safeguard would hide the missing one, it is omitted too; the failures are chosen so that omitting the second
/// alone breaks no promise.
const NAIVE: [(&str, &str, &[Failure]); 4] = [
    ("cache-aside: commit, DEL; on a miss SET", "lease,log", Failure::ALL),
    ("ordinary single-flight: what was refused is shared", "acceptance", &[Failure::SlowDatabase]),
    ("copies in the process without the epoch guard", "guard,log", &[Failure::SlowRedis]),
    ("no change log", "log", Failure::ALL),
];

/// The time in which a naive program must be caught.
const SOON: Duration = Duration::from_mins(1);

/// A long run, then every naive program; panics when a promise is broken or a program is not caught.
pub async fn run(seconds: Option<&str>, seed: Option<&str>) {
    let number = |text: &str| text.parse::<u64>().unwrap_or_else(|_| panic!("{text} is no whole number"));
    let seed = seed.map_or_else(rand::random, number);
    let length = Duration::from_secs(seconds.map_or(600, number));
    show(format_args!("seed {seed}, {length:?}"));
    long(&plan(seed, length)).await;
    naive_programs(seed).await;
}

fn plan(seed: u64, length: Duration) -> Plan {
    Plan {
        seed,
        length,
        readers: 16,
        pause_ms: 10,
        failures: Failure::ALL,
        longest_failure: Duration::from_millis(1500),
        longest_quiet: Duration::from_secs(5),
        until_caught: false,
    }
}

async fn long(plan: &Plan) {
    let trial = Trial::run(Program { path: program::path(), omits: "" }, plan).await;
    let statistics = trial.statistics.lock().unwrap();
    show(Report(&statistics, &trial.failure_log.lock().unwrap()));
    statistics.assert_promises_kept();
    assert!(statistics.is_substantial());
}

async fn naive_programs(seed: u64) {
    let mut missed = Vec::new();
    for (name, omits, failures) in NAIVE {
        let plan = Plan {
            failures,
            longest_failure: Duration::from_millis(800),
            longest_quiet: Duration::from_millis(500),
            until_caught: true,
            ..plan(seed, SOON)
        };
        let trial = Trial::run(Program { path: naive_program(), omits }, &plan).await;
        let statistics = trial.statistics.lock().unwrap();
        match statistics.caught {
            Some(caught) => show(format_args!("  naive: {name:<50} caught after {:.1} s", (caught - trial.start).as_secs_f64())),
            None => missed.push(name),
        }
        show(format_args!("    {}", statistics.reported.first().map_or("NOT CAUGHT", String::as_str)));
    }
    assert!(missed.is_empty(), "not caught: {missed:?}");
}

/// The program built with the feature `naive`.
fn naive_program() -> PathBuf {
    let target = program::path().ancestors().nth(2).expect("the program lies in target/<profile>").to_owned();
    let path = target.join("naive").join("atelier");
    assert!(path.exists(), "{} is missing; run `scripts/freshness`", path.display());
    path
}
