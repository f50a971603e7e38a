//! The table of workers as an explicit-state model: who is gone, whom a write waits for, and what a worker may serve meanwhile.
//!
//! Two workers: an *observer*, who also writes, and a *server*, which serves a cached value and may be paused, cut off from the table,
//! killed and restarted. Time passes in ticks, and each step of either may fall on any side of a tick. The database may stop, or be
//! locked for writes. The state holds ages instead of times, up to the age from which nothing changes any more. So the state space of each
//! situation is finite and explored completely, for any span of time.
//!
//! The write stands for the end of a session and for a move of the test clock: both are acknowledged when no server may serve what it
//! read before.
//!
//! | `infra/src/workers` | here |
//! |---|---|
//! | `observation`: the rule of an observer | `observer` |
//! | `presence`, `beats`: what a server relies on | `server` |
//! | the wait of a write (`cache/invalidation.rs`) | `writer` |
//! | pauses, restarts, outages, locks | `failures` |
//!
//! What the model leaves out: the drift of clocks, which the code covers by the difference of 5 s to 6 s.

mod failures;
mod mutations;
mod observer;
mod server;
mod state;
mod writer;

use failures::Failure;
use mutations::Mutation;
use state::{Promise, State};
use stateright::{Checker, HasDiscoveries, Model, Property};

/// How long a beat must stand still before its worker is gone, in ticks.
const GONE: u8 = 2;
/// How long after the beginning of a confirmed beat a worker relies on being counted.
const COUNTED: u8 = 1;
/// The longest span between two rounds of an observer that counts as uninterrupted.
const MAX_GAP: u8 = 1;
/// The D of the observer.
const OWN_D: u8 = 1;

/// A situation.
#[derive(Debug, Clone, Copy)]
struct Situation {
    /// The D of the server, in ticks.
    d: u8,
    failures: &'static [Failure],
    /// The number of failures that may happen.
    budget: u8,
}

const HEALTHY: Situation = Situation { d: 3, failures: &[], budget: 0 };
const OUTAGES: Situation = Situation { d: 3, failures: &[Failure::Outage, Failure::Lock, Failure::ObserverPause], budget: 2 };
const PAUSES: Situation = Situation { d: 4, failures: &[Failure::ServerPause, Failure::Cut, Failure::ObserverPause], budget: 2 };
const RESTARTS: Situation = Situation { d: 4, failures: &[Failure::Kill, Failure::ServerPause], budget: 2 };
const SITUATIONS: [Situation; 4] = [HEALTHY, OUTAGES, PAUSES, RESTARTS];

/// A step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    /// Time passes.
    Tick,
    /// The server sends a beat, or the insertion of its row.
    Sends,
    /// What the server sent is committed.
    Commits,
    /// The server learns the outcome.
    Confirms,
    /// The server polls the change log.
    Polls,
    /// The server serves the cached value.
    Serves,
    /// The observer beats and reads the table.
    Observes,
    /// The observer deletes the row of a worker that it found gone.
    Deletes,
    /// The write is committed.
    Writes,
    /// The writer reads the table.
    ReadsTable,
    /// The write is acknowledged.
    Acknowledges,
    /// A failure begins.
    Fails(Failure),
    /// A failure ends.
    Recovers(Failure),
}

struct Workers {
    situation: Situation,
    mutation: Option<Mutation>,
}

impl Workers {
    fn has(&self, mutation: Mutation) -> bool {
        self.mutation == Some(mutation)
    }

    /// Time passes while everybody does what is due: a healthy server beats in each tick, and a healthy observer observes.
    fn may_tick(state: &State) -> bool {
        let writable = !state.down && !state.locked;
        let idle_server = state.server.beaten || !state.server.is_healthy() || !writable;
        let idle_observer = state.observer.observed || state.observer.paused || !writable;
        idle_server && idle_observer
    }
}

impl Model for Workers {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::starting(self.situation.budget)]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        if state.broken.is_some() {
            return;
        }
        actions.extend(Self::may_tick(state).then_some(Action::Tick));
        self.server_actions(state, actions);
        self.observer_actions(state, actions);
        self.writer_actions(state, actions);
        self.failure_actions(state, actions);
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let mut next = state.clone();
        match action {
            Action::Tick => next.tick(self.situation.d),
            Action::Sends => server::send(&mut next),
            Action::Commits => server::commit(&mut next),
            Action::Confirms => self.confirm(&mut next),
            Action::Polls => server::poll(&mut next),
            Action::Serves => server::serve(&mut next),
            Action::Observes => self.observe(&mut next),
            Action::Deletes => self.delete(&mut next),
            Action::Writes => writer::write(&mut next),
            Action::ReadsTable => self.read_table(&mut next),
            Action::Acknowledges => writer::acknowledge(&mut next),
            Action::Fails(failure) => failures::begin(&mut next, failure),
            Action::Recovers(failure) => Self::recover(&mut next, failure),
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("every promise is kept", |_, state: &State| state.broken.is_none()),
            Property::sometimes("a write is acknowledged", |_, state: &State| state.write.acknowledged),
            Property::sometimes("a dead worker is found gone", |_, state: &State| state.buried),
        ]
    }
}

/// Explores a situation. Returns the number of states, and a broken promise with the steps to it.
fn explore(situation: Situation, mutation: Option<Mutation>) -> (usize, Option<String>) {
    let model = Workers { situation, mutation };
    let checker = model.checker().threads(2).finish_when(HasDiscoveries::AnyFailures).spawn_bfs().join();
    let found = checker.discovery("every promise is kept").map(|path| {
        let promise: Option<Promise> = path.last_state().broken;
        format!("{promise:?} is broken by {:?}", path.into_actions())
    });
    println!("{situation:?} {mutation:?}: {} states", checker.unique_state_count());
    assert!(found.is_some() || checker.discovery("a write is acknowledged").is_some(), "{situation:?}: no write ends");
    let can_die = situation.failures.contains(&Failure::Kill);
    assert!(found.is_some() || !can_die || checker.discovery("a dead worker is found gone").is_some(), "the dead stay");
    (checker.unique_state_count(), found)
}

#[test]
fn no_worker_is_gone_by_mistake_and_no_write_is_acknowledged_too_early() {
    for situation in SITUATIONS {
        let (states, found) = explore(situation, None);
        assert_eq!(found, None, "{situation:?}");
        assert!(states > 100, "{situation:?} is trivial");
    }
}

#[test]
fn every_planted_fault_is_caught() {
    let is_missed = |mutation: &Mutation| SITUATIONS.into_iter().all(|situation| explore(situation, Some(*mutation)).1.is_none());
    let missed: Vec<Mutation> = Mutation::ALL.iter().copied().filter(is_missed).collect();
    assert!(missed.is_empty(), "{missed:?}");
}
