//! The short run: every failure about once.

use std::time::Duration;

use harness::{program, run_alone};

use checkers::freshness::deployment::Program;
use checkers::freshness::failure_log::Failure;
use checkers::freshness::statistics::Report;
use checkers::freshness::trial::{Plan, Trial};

#[test]
fn reads_are_as_fresh_as_promised_under_every_failure() {
    let seed = rand::random();
    println!("seed {seed}");
    let plan = Plan {
        seed,
        length: Duration::from_secs(12),
        readers: 6,
        pause_ms: 10,
        failures: Failure::ALL,
        longest_failure: Duration::from_millis(400),
        longest_quiet: Duration::from_millis(800),
        until_caught: false,
    };
    run_alone(async {
        let trial = Trial::run(Program { path: program::path(), omits: "" }, &plan).await;
        let statistics = trial.statistics.lock().unwrap();
        println!("{}", Report(&statistics, &trial.failure_log.lock().unwrap()));
        statistics.assert_promises_kept();
        assert!(statistics.is_substantial());
    });
}
