//! The short runs of the money checker.

use std::time::Duration;

use harness::backend::OnBackend;
use harness::{Backend, SiteBuilder, run_alone};

use checkers::money::trial::{Plan, Trial};

fn check_ledger(backend: Backend, servers: usize, callers: u64) {
    let seed = rand::random();
    println!("seed {seed}");
    let plan = Plan { seed, operations: 1500, servers, kills: 2, between_kills: Duration::from_secs(3), callers };
    run_alone(async {
        let site = SiteBuilder::on(backend).await.set("CHANGE_LOG_POLL_MS", 100).open().await;
        let trial = Trial::run(site, &plan).await;
        let statistics = trial.statistics.lock().unwrap();
        println!("{statistics}");
        statistics.assert_no_findings();
        assert!(statistics.is_substantial());
    });
}

mod acknowledged_operations_are_in_the_ledger_once_despite_disconnects_and_kills {
    use super::*;

    #[test]
    fn postgres_redis() {
        check_ledger(Backend::PostgresRedis, 2, 32);
    }

    #[test]
    fn sqlite_memory() {
        check_ledger(Backend::SqliteMemory, 1, 32);
    }
}
