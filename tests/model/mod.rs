//! The cache protocol as an explicit-state model: every order of events in small situations.
//!
//! One key, two workers, two or three reads, one or two writes, and a budget of faults. The state space of each situation is
//! explored to its end, so what holds here holds for every interleaving of that size; and each planted fault must break a promise, so
//! what holds does not hold for want of looking.
//!
//! | `cache.md` | here |
//! |---|---|
//! | The change log (SQL): rows, positions, horizon | `sql` |
//! | The change log: tail, `last`, epoch, floor; the one rule | `tail` |
//! | Scripts | `redis` |
//! | Flows: read, in-process insert, SQL trouble | `reads` |
//! | Flows: single-flight | `flights` |
//! | Flows: write, replay | `writes` |
//! | What is promised | `promises` |
//! | the situations of that table | `scenarios`; what may fail in them: `faults`, `failures` |
//! | "each word closes a counterexample" | `plants` |
//!
//! What the model leaves out: expiry (it makes values only disappear), pages (a key with one field), the push (a hint: what it
//! says is what the tail says later), and acceptance by row version. An in-process store is a Redis that never fails.
//!
//! Each strict write of a run sends BEGIN in either order: before its transaction, or in it after the work.
//!
//! Time has no clock. It matters only against D, so it is counted in commits older than D (see `tail`); a lease that runs out is a
//! fault, and a barrier runs out at any time after its transaction.

mod actions;
mod checking;
mod failures;
mod faults;
mod flights;
mod plants;
mod promises;
mod protocol;
mod reads;
mod redis;
mod scenarios;
mod sql;
mod state;
mod steps;
mod tail;
mod writes;

use plants::Plant;
use protocol::{Class, Protocol};
use scenarios::{SCENARIOS, Scenario};
use stateright::{Checker, HasDiscoveries, Model};
use steps::Order;

/// Explores a situation, breadth first, with writes of one order or of both; tells how a promise was broken, if one was.
fn explore(scenario: Scenario, plant: Option<Plant>, order: Option<Order>) -> Option<String> {
    let stop = HasDiscoveries::AnyFailures;
    let checker = Protocol { scenario, plant, order }.checker().threads(2).finish_when(stop).spawn_bfs().join();
    println!("{} {plant:?} {order:?}: {} states", scenario.name, checker.unique_state_count());
    let path = checker.discoveries().into_values().next()?;
    let promise = path.last_state().broken;
    Some(format!("{promise:?} is broken by {:?}", path.into_actions()))
}

#[test]
fn the_protocol_keeps_its_promises() {
    for &scenario in SCENARIOS {
        assert_eq!(explore(scenario, None, None), None, "{}", scenario.name);
    }
}

#[test]
fn every_planted_fault_is_caught_in_each_order_of_writes() {
    let mut missed = Vec::new();
    for &(plant, situation) in Plant::ALL {
        let scenario = *SCENARIOS.iter().find(|scenario| scenario.name == situation).expect("a situation of this name");
        let orders: &[Order] = match scenario.class {
            Class::Strict => &[Order::BeginFirst, Order::WorkFirst],
            Class::Near => &[Order::BeginFirst],
        };
        missed.extend(
            orders.iter().filter(|&&order| explore(scenario, Some(plant), Some(order)).is_none()).map(|order| (plant, order)),
        );
    }
    assert!(missed.is_empty(), "{missed:?}");
}
