//! The exploration of each situation, as the rules are and with each planted fault.

use stateright::{Checker, HasDiscoveries, Model};

use super::mutations::Mutation;
use super::situations::{self, Situation};
use super::{Jobs, KEPT, NO_DEAD_END, examples};

/// What the exploration of a situation finds.
struct Exploration {
    states: usize,
    /// A broken promise, with the steps to it.
    found: Option<String>,
    examples: Vec<&'static str>,
}

fn explore(situation: Situation, mutation: Option<Mutation>) -> Exploration {
    let model = Jobs { situation, mutation };
    let checker = model.checker().threads(2).finish_when(HasDiscoveries::AnyFailures).spawn_bfs().join();
    let mut discoveries = checker.discoveries();
    let found = [KEPT, NO_DEAD_END].iter().find_map(|property| {
        let path = discoveries.remove(property)?;
        let promise = path.last_state().broken;
        Some(format!("{property}, but not ({promise:?}) after {:?}", path.into_actions()))
    });
    println!("{}, {mutation:?}: {} states; {found:?}", situation.name, checker.unique_state_count());
    Exploration { states: checker.unique_state_count(), found, examples: discoveries.into_keys().collect() }
}

#[test]
fn every_job_ends_once_and_only_its_own_claim_settles_it() {
    let mut reached = Vec::new();
    for &situation in situations::ALL {
        let Exploration { states, found, examples } = explore(situation, None);
        assert_eq!(found, None, "{}", situation.name);
        assert!(states > 100, "{} is trivial", situation.name);
        reached.extend(examples);
    }
    let missed: Vec<&str> = examples::all().iter().map(|example| example.name).filter(|name| !reached.contains(name)).collect();
    assert!(missed.is_empty(), "never reached: {missed:?}");
}

#[test]
fn every_planted_fault_is_caught() {
    let is_missed = |(mutation, situation): &(Mutation, Situation)| explore(*situation, Some(*mutation)).found.is_none();
    let missed: Vec<Mutation> = Mutation::ALL.iter().filter(|case| is_missed(case)).map(|(mutation, _)| *mutation).collect();
    assert!(missed.is_empty(), "{missed:?}");
}
