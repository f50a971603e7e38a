//! What must be reached in some situation, so that no promise is kept only because nothing happens.

use super::Jobs;
use super::job::{Job, POISON, Status};
use super::state::State;
use stateright::Property;

fn sometimes(name: &'static str, condition: fn(&Jobs, &State) -> bool) -> Property<Jobs> {
    Property::sometimes(name, condition)
}

/// Whether some job fulfils a condition.
fn some(state: &State, condition: fn(&Job) -> bool) -> bool {
    state.jobs.iter().any(condition)
}

/// What must be reached in some situation.
pub fn all() -> Vec<Property<Jobs>> {
    vec![
        sometimes("a job succeeds after a loss", |_, state| {
            some(state, |job| job.status == Status::Succeeded && job.history.lost > 0)
        }),
        sometimes("a job succeeds after a failure", |_, state| {
            some(state, |job| job.status == Status::Succeeded && job.history.failed > 0)
        }),
        sometimes("a job is poison", |_, state| some(state, |job| job.status == Status::Failed && job.losses == POISON)),
        sometimes("a running job is canceled", |_, state| {
            some(state, |job| job.status == Status::Canceled && job.cancel_requested)
        }),
        sometimes("a job succeeds although its end was requested", |_, state| {
            some(state, |job| job.status == Status::Succeeded && job.cancel_requested)
        }),
        sometimes("a job runs for two changes", |_, state| {
            state.enqueued == 1 && some(state, |job| job.status == Status::Succeeded && job.history.promised == 2)
        }),
        sometimes("a job is purged", |_, state| state.purged > 0),
    ]
}
