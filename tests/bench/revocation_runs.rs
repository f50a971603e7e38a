//! Long runs of the revocation checker. `scripts/revocations` builds the program and starts this.

use checkers::revocations::trial::{Plan, Trial};

use crate::show;

/// Runs until this number of revocations is acknowledged; panics if a revoked credential was accepted.
pub async fn run(revocations: Option<&str>, seed: Option<&str>) {
    let number = |text: &str| text.parse::<u64>().unwrap_or_else(|_| panic!("{text} is no whole number"));
    let plan =
        Plan { seed: seed.map_or_else(rand::random, number), revocations: revocations.map_or(10_000, number), callers: 48 };
    show(format_args!("seed {}, {} revocations", plan.seed, plan.revocations));
    let trial = Trial::run(&plan).await;
    let statistics = trial.statistics.lock().unwrap();
    show(&*statistics);
    assert!(statistics.findings.is_empty(), "revoked credentials were accepted");
}
