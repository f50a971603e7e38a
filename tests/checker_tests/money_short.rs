//! The short runs.

use std::time::Duration;

use harness::backend::OnBackend;
use harness::{Backend, SiteBuilder, run_alone};

use checkers::money::trial::{Plan, Trial};

fn the_books_are_right(backend: Backend, servers: usize, callers: u64) {
    let seed = rand::random();
    println!("seed {seed}");
    let plan = Plan { seed, operations: 1500, servers, kills: 2, between_kills: Duration::from_secs(3), callers };
    run_alone(async {
        let site = SiteBuilder::on(backend).await.set("CHANGE_LOG_POLL_MS", 100).open().await;
        let trial = Trial::run(site, &plan).await;
        let figures = trial.figures.lock().unwrap();
        println!("{figures}");
        figures.demand_good_books();
        assert!(figures.is_substantial());
    });
}

mod what_was_acknowledged_is_in_the_books_once_though_clients_hang_up_and_servers_die {
    use super::*;

    #[test]
    fn postgres_redis() {
        the_books_are_right(Backend::PostgresRedis, 2, 32);
    }

    #[test]
    fn sqlite_memory() {
        the_books_are_right(Backend::SqliteMemory, 1, 32);
    }
}
