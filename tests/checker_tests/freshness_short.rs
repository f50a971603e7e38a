//! The short run: every fault once or so.

use std::time::Duration;

use harness::{program, run_alone};

use checkers::freshness::deployment::Program;
use checkers::freshness::figures::Table;
use checkers::freshness::trial::{Plan, Trial};
use checkers::freshness::troubles::Fault;

#[test]
fn what_is_read_is_as_fresh_as_promised_whatever_happens() {
    let seed = rand::random();
    println!("seed {seed}");
    let plan = Plan {
        seed,
        length: Duration::from_secs(12),
        readers: 6,
        pause_ms: 10,
        faults: Fault::ALL,
        longest_fault: Duration::from_millis(400),
        longest_quiet: Duration::from_millis(800),
        until_caught: false,
    };
    run_alone(async {
        let trial = Trial::run(Program { path: program::path(), omits: "" }, &plan).await;
        let figures = trial.figures.lock().unwrap();
        println!("{}", Table(&figures, &trial.troubles.lock().unwrap()));
        figures.demand_promises_kept();
        assert!(figures.is_substantial());
    });
}
