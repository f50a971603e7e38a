//! The table of jobs as an explicit-state model: which claim may be settled, who runs a job again, and what is counted.
//!
//! Two workers, and up to three jobs. A step is a statement or a commit of the database, or the moment in which a process learns of it;
//! a transaction holds the lock of its job from its statement to its end. Events from outside, such as a kill or a commit whose outcome
//! remains unknown, happen at any moment, each a limited number of times. So the state space of each situation is finite and explored
//! completely.
//!
//! No step leads back to an earlier state. So a job reaches its end, whatever the order of steps, if no state is a dead end:
//! one in which a job is open, and only an event from outside could go on.
//!
//! | `infra/src/jobs` | here |
//! |---|---|
//! | promotion and claim | `queue` |
//! | settlement, and the reading back of an unknown one | `settlement` |
//! | lost workers: the sweep, a new identifier, the hand back at the end | `presence` |
//! | enqueue with de-duplication, cancellation, purge | `requests` |
//! | kills, time-outs, workers found gone by mistake | `events` |
//!
//! A pause of a process needs no step of its own: between any two of its steps all others may happen.
//!
//! The guard of a settlement is what keeps it single. Reading back an unknown commit only tells its worker the outcome: a model in which
//! the worker settles again at once, under the same guard, keeps every promise too.
//!
//! What the model leaves out: time (deadlines, back-off, schedules), priorities, and kinds that only some workers know.

mod events;
mod examples;
mod exploration;
mod job;
mod mutations;
mod presence;
mod promises;
mod queue;
mod requests;
mod settlement;
mod situations;
mod state;

use events::Event;
use job::Outcome;
use mutations::Mutation;
use promises::Promise;
use situations::Situation;
use state::State;
use stateright::{Model, Property};

/// A step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    /// A job that is due is promoted, or if it has a serial key, read.
    Promotes(usize),
    /// A serial job that was read is promoted.
    CommitsPromotion(usize),
    /// A process claims a job.
    Claims { process: usize, job: usize },
    /// A process receives what it has claimed.
    Receives(usize),
    /// A process hands back a job that runs under its identifier and that it does not know of.
    HandsBackUnknown { process: usize, job: usize },
    /// A process settles a job.
    Settles { process: usize, work: usize, outcome: Outcome },
    /// A process reads a job back after a commit whose outcome it does not know.
    ReadsBack { process: usize, work: usize },
    /// A transaction of a worker is committed.
    Commits(usize),
    /// A transaction that no process waits for is rolled back.
    RollsBack(usize),
    /// A job kills its process.
    Dies(usize),
    /// A process finds its row deleted, and takes a new identifier.
    Notices(usize),
    /// The row of a process that ended without notice is deleted.
    Buries(usize),
    /// A process starts again.
    Restarts(usize),
    /// A process that got SIGTERM ends.
    Exits(usize),
    /// A sweep reads a job whose worker is gone.
    ReadsLost(usize),
    /// A sweep settles what it has read.
    Sweeps(usize),
    /// A business transaction locks the job that has its key.
    LocksDuplicate,
    /// A business transaction is committed.
    CommitsEnqueue,
    /// A purge reads an ended job.
    ReadsEnded(usize),
    /// A purge deletes what it has read.
    Purges(usize),
    /// An event from outside.
    Event(Event),
}

struct Jobs {
    situation: Situation,
    mutation: Option<Mutation>,
}

impl Jobs {
    fn has(&self, mutation: Mutation) -> bool {
        self.mutation == Some(mutation)
    }

    /// The steps that do not need an event from outside.
    fn own_actions(&self, state: &State, actions: &mut Vec<Action>) {
        self.queue_actions(state, actions);
        self.settlement_actions(state, actions);
        self.presence_actions(state, actions);
        self.request_actions(state, actions);
    }

    /// Whether a job is open and no step leads on.
    fn is_dead_end(&self, state: &State) -> bool {
        let mut actions = Vec::new();
        if state.broken.is_none() && state.jobs.iter().any(|job| job.status.is_open()) {
            self.own_actions(state, &mut actions);
            return actions.is_empty();
        }
        false
    }

    fn apply_action(&self, state: &mut State, action: Action) {
        match action {
            Action::Promotes(job) => Self::promote(state, job),
            Action::CommitsPromotion(index) => self.commit_promotion(state, index),
            Action::Claims { process, job } => Self::claim(state, process, job),
            Action::Receives(process) => Self::receive(state, process),
            Action::HandsBackUnknown { job, .. } => self.hand_back_unknown(state, job),
            Action::Settles { process, work, outcome } => self.begin_settlement(state, process, work, outcome),
            Action::ReadsBack { process, work } => self.read_back(state, process, work),
            Action::Commits(index) => self.commit(state, index),
            Action::RollsBack(index) => drop(state.transactions.remove(index)),
            Action::Dies(process) => Self::kill(state, process),
            Action::Notices(process) | Action::Restarts(process) => Self::renew(state, process),
            Action::Buries(process) => self.delete_row(state, process),
            Action::Exits(process) => self.exit(state, process),
            Action::ReadsLost(job) => Self::read_lost(state, job),
            Action::Sweeps(index) => self.sweep(state, index),
            Action::LocksDuplicate => self.lock_duplicate(state),
            Action::CommitsEnqueue => Self::commit_enqueue(state),
            Action::ReadsEnded(job) => state.purges.push(job),
            Action::Purges(index) => self.purge(state, index),
            Action::Event(event) => self.apply(state, event),
        }
    }
}

/// No promise is broken.
const KEPT: &str = "every promise is kept";
/// No state is a dead end.
const NO_DEAD_END: &str = "every job reaches an end";

impl Model for Jobs {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::starting(&self.situation)]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        if state.broken.is_none() {
            self.own_actions(state, actions);
            self.event_actions(state, actions);
        }
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let mut next = state.clone();
        self.apply_action(&mut next, action);
        let end_changes = !promises::keeps_ends(state, &next);
        let broken = next.broken.or_else(|| end_changes.then_some(Promise::EndIsFinal));
        next.broken = broken.or_else(|| promises::broken(&next));
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let kept = Property::always(KEPT, |_, state: &State| state.broken.is_none());
        let no_dead_end = Property::always(NO_DEAD_END, |model: &Self, state| !model.is_dead_end(state));
        [vec![kept, no_dead_end], examples::all()].concat()
    }
}
