//! A short run of the revocation checker.

use harness::run_alone;

use checkers::revocations::trial::{Plan, Trial};

#[test]
fn no_server_accepts_a_credential_after_its_revocation_was_acknowledged() {
    let seed = rand::random();
    println!("seed {seed}");
    run_alone(async {
        let trial = Trial::run(&Plan { seed, revocations: 150, callers: 12 }).await;
        let statistics = trial.statistics.lock().unwrap();
        println!("{statistics}");
        assert!(statistics.findings.is_empty(), "revoked credentials were accepted");
        assert!(statistics.acknowledged.len() >= 7 && statistics.failures > 0, "too few ways");
    });
}
