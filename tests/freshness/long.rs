//! The long run, and programs without a safeguard: `scripts/freshness` runs these.

use std::path::PathBuf;
use std::time::Duration;

use super::deployment::Program;
use super::figures::Table;
use super::trial::{Plan, Trial};
use super::troubles::Fault;
use crate::harness::{program, run_alone};

/// A program that lacks something: what it is called, what it omits, and the faults that it runs under.
///
/// Where another safeguard stands behind the one in question, that is omitted too, and the faults are such that without it alone
/// no promise would be broken.
const NAIVE: [(&str, &str, &[Fault]); 4] = [
    ("cache-aside: commit, DEL; on a miss SET", "lease,log", Fault::ALL),
    ("ordinary single-flight: what was refused is shared", "acceptance", &[Fault::SlowDatabase]),
    ("copies in the process without the epoch guard", "guard,log", &[Fault::SlowRedis]),
    ("no change log", "log", Fault::ALL),
];

/// How soon a naive program must be caught.
const SOON: Duration = Duration::from_mins(1);

#[expect(clippy::disallowed_methods, reason = "settings of the checker, not of the program")]
fn setting(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok().filter(|text| !text.is_empty())?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is a whole number: {text}")))
}

fn plan(seconds: u64) -> Plan {
    Plan {
        seed: setting("FRESHNESS_SEED").unwrap_or_else(rand::random),
        length: Duration::from_secs(setting("FRESHNESS_SECONDS").unwrap_or(seconds)),
        readers: 16,
        pause_ms: 10,
        faults: Fault::ALL,
        longest_fault: Duration::from_millis(1500),
        longest_quiet: Duration::from_secs(5),
        until_caught: false,
    }
}

#[test]
#[ignore = "takes ten minutes: scripts/freshness"]
fn promises_are_kept_for_a_long_time() {
    let plan = plan(600);
    println!("seed {}, {:?}", plan.seed, plan.length);
    run_alone(async {
        let trial = Trial::run(Program { path: program::path(), omits: "" }, &plan).await;
        let figures = trial.figures.lock().unwrap();
        println!("{}", Table(&figures, &trial.troubles.lock().unwrap()));
        figures.demand_promises_kept();
        assert!(figures.is_substantial());
    });
}

#[test]
#[ignore = "needs a program that the suite does not build: scripts/freshness"]
fn naive_programs_are_caught() {
    let path = naive_program();
    let mut missed = Vec::new();
    for (name, omits, faults) in NAIVE {
        let plan = Plan {
            length: SOON,
            faults,
            longest_fault: Duration::from_millis(800),
            longest_quiet: Duration::from_millis(500),
            until_caught: true,
            ..plan(0)
        };
        let program = Program { path: path.clone(), omits };
        let trial = run_alone(Trial::run(program, &plan));
        let figures = trial.figures.lock().unwrap();
        match figures.caught {
            Some(caught) => println!("  naive: {name:<50} caught after {:.1} s", (caught - trial.start).as_secs_f64()),
            None => missed.push(name),
        }
        println!("    {}", figures.first_breach().unwrap_or("NOT CAUGHT"));
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
