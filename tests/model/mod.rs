//! The cache protocol as an explicit-state model: every order of events in small situations.
//!
//! One key, two workers, two or three reads, one or two writes, and a budget of failures. The state space of each situation is
//! explored completely, so what holds here holds for every interleaving of that size. Each planted fault must break a promise,
//! which shows that the exploration finds errors.
//!
//! | `cache.md` | here |
//! |---|---|
//! | The change log (SQL): rows, positions, horizon | `sql` |
//! | The change log: tail, `last`, epoch, floor; the one rule | `tail` |
//! | Scripts | `redis` |
//! | Flows: read, in-process insert, SQL trouble | `reads` |
//! | Flows: single-flight | `single_flight` |
//! | Flows: write, replay | `writes` |
//! | What is promised | `promises` |
//! | the situations of that table | `scenarios`; their failures: `failures`, `failure_effects` |
//! | "each word closes a counterexample" | `mutations` |
//!
//! What the model leaves out: expiry (it makes values only disappear), pages (a key with one field), the push (a hint: the tail
//! delivers the same later), and acceptance by row version. An in-process store is a Redis that never fails.
//!
//! Each strict write of a run sends BEGIN in either order: before its transaction, or in it after the work.
//!
//! Time has no clock. It matters only against D, so it is counted in commits older than D (see `tail`); an expired lease is a
//! failure, and a barrier expires at any time after its transaction.

mod actions;
mod checking;
mod failure_effects;
mod failures;
mod mutations;
mod promises;
mod protocol;
mod reads;
mod redis;
mod scenarios;
mod single_flight;
mod sql;
mod state;
mod steps;
mod tail;
mod writes;

use mutations::Mutation;
use protocol::{Class, Protocol};
use scenarios::{SCENARIOS, Scenario};
use stateright::{Checker, HasDiscoveries, Model};
use steps::Order;

/// Explores a situation, breadth first, with writes of one order or of both; describes how a promise was broken, if one was.
fn explore(scenario: Scenario, mutation: Option<Mutation>, order: Option<Order>) -> Option<String> {
    let stop = HasDiscoveries::AnyFailures;
    let checker = Protocol { scenario, mutation, order }.checker().threads(2).finish_when(stop).spawn_bfs().join();
    println!("{} {mutation:?} {order:?}: {} states", scenario.name, checker.unique_state_count());
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
    for &(mutation, situation) in Mutation::ALL {
        let scenario = *SCENARIOS.iter().find(|scenario| scenario.name == situation).expect("a situation of this name");
        let orders: &[Order] = match scenario.class {
            Class::Strict => &[Order::BeginFirst, Order::WorkFirst],
            Class::Near => &[Order::BeginFirst],
        };
        missed.extend(
            orders
                .iter()
                .filter(|&&order| explore(scenario, Some(mutation), Some(order)).is_none())
                .map(|order| (mutation, order)),
        );
    }
    assert!(missed.is_empty(), "{missed:?}");
}
