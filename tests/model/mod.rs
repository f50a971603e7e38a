//! The cache protocol as an explicit-state model.

mod actions;
mod faults;
mod plants;
mod promises;
mod protocol;
mod reads;
mod redis;
mod scenarios;
mod sql;
mod state;
mod tail;
mod writes;

use std::time::Instant;

use plants::Plant;
use protocol::Protocol;
use scenarios::{SCENARIOS, Scenario};
use stateright::{Checker, HasDiscoveries, Model};

fn explore(scenario: Scenario, plant: Option<Plant>) -> Option<String> {
    let began = Instant::now();
    let checker = Protocol { scenario, plant }.checker().threads(2).finish_when(HasDiscoveries::AnyFailures).timeout(std::time::Duration::from_secs(std::env::var("T").map_or(60, |t| t.parse().unwrap()))).spawn_bfs().join();
    eprintln!("{:25} {:?}: {} states ({} generated) in {:?}", scenario.name, plant, checker.unique_state_count(), checker.state_count(), began.elapsed());
    checker.discoveries().into_values().next().map(|path| { let st = path.last_state().clone(); format!("{:?} {:?}\n{st:?}", st.broken, path.into_actions()) })
}

#[test]
fn the_protocol_keeps_its_promises() {
    for scenario in SCENARIOS.iter().copied() {
        let broken = explore(scenario, None);
        if let Some(b) = broken { eprintln!("BROKEN {b}") }
    }
}

#[test]
fn every_planted_fault_is_caught() {
    let from: usize = std::env::var("FROM").map_or(0, |t| t.parse().unwrap());
    let stop: usize = std::env::var("STOP").map_or(99, |t| t.parse().unwrap());
    for plant in Plant::ALL.into_iter().skip(from).take(stop - from) {
        for scenario in SCENARIOS.iter().copied() {
            if let Some(a) = explore(scenario, Some(plant)) { eprintln!("   {a}"); }
        }
    }
}
