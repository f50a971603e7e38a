//! The checker of freshness for a long time, and on programs without a safeguard, which it must catch. `scripts/freshness` builds
//! both programs and starts this.

use std::path::PathBuf;
use std::time::Duration;

use checkers::freshness::deployment::Program;
use checkers::freshness::figures::Table;
use checkers::freshness::trial::{Plan, Trial};
use checkers::freshness::troubles::Fault;
use harness::program;

use crate::show;

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
        faults: Fault::ALL,
        longest_fault: Duration::from_millis(1500),
        longest_quiet: Duration::from_secs(5),
        until_caught: false,
    }
}

async fn long(plan: &Plan) {
    let trial = Trial::run(Program { path: program::path(), omits: "" }, plan).await;
    let figures = trial.figures.lock().unwrap();
    show(Table(&figures, &trial.troubles.lock().unwrap()));
    figures.demand_promises_kept();
    assert!(figures.is_substantial());
}

async fn naive_programs(seed: u64) {
    let mut missed = Vec::new();
    for (name, omits, faults) in NAIVE {
        let plan = Plan {
            faults,
            longest_fault: Duration::from_millis(800),
            longest_quiet: Duration::from_millis(500),
            until_caught: true,
            ..plan(seed, SOON)
        };
        let trial = Trial::run(Program { path: naive_program(), omits }, &plan).await;
        let figures = trial.figures.lock().unwrap();
        match figures.caught {
            Some(caught) => show(format_args!("  naive: {name:<50} caught after {:.1} s", (caught - trial.start).as_secs_f64())),
            None => missed.push(name),
        }
        show(format_args!("    {}", figures.told.first().map_or("NOT CAUGHT", String::as_str)));
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
