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
    for scenario in SCENARIOS {
        eprintln!("size {}", size_of::<state::State>());
        let broken = explore(scenario, None);
        if let Some(b) = broken { eprintln!("BROKEN {b}") }
    }
}

#[test]
fn every_planted_fault_is_caught() {
    for plant in Plant::ALL {
        let mut any = None;
        for scenario in SCENARIOS {
            any = explore(scenario, Some(plant));
            if let Some(a) = &any { eprintln!("   {a}"); break; }
        }
        if any.is_none() { eprintln!("NOT CAUGHT {plant:?}"); }
    }
}
