//! The observer: beats, reads the table, and deletes the rows of workers that are gone.

use super::mutations::Mutation;
use super::state::{Promise, Sighting, State};
use super::{Action, GONE, MAX_GAP, Workers};

impl Workers {
    /// The steps of the observer.
    pub fn observer_actions(&self, state: &State, actions: &mut Vec<Action>) {
        if state.observer.paused || state.down {
            return;
        }
        if !state.observer.observed && (!state.locked || self.has(Mutation::ReadsSuffice)) {
            actions.push(Action::Observes);
        }
        if state.observer.found.is_some() && !state.locked {
            actions.push(Action::Deletes);
        }
    }

    /// One round.
    pub fn observe(&self, state: &mut State) {
        let (server, observer) = (&state.server, &mut state.observer);
        if observer.last > MAX_GAP && !self.has(Mutation::GapIsIgnored) {
            observer.sightings = Default::default();
        }
        (observer.last, observer.observed) = (0, true);
        let undisturbed = server.is_healthy() && !server.recovering;
        let first = Sighting { age: 0, present: true, undisturbed };
        for (sighting, exists) in observer.sightings.iter_mut().zip(state.rows) {
            *sighting = exists.then(|| sighting.filter(|known| known.present).unwrap_or(first));
        }
        let mut sightings = observer.sightings.iter().enumerate();
        let is_gone = |sighting: &Sighting| sighting.age >= GONE;
        observer.found = sightings.find_map(|(id, sighting)| sighting.filter(is_gone).map(|sighting| (id, sighting)));
    }

    /// Deletes the row of the worker that was found gone.
    pub fn delete(&self, state: &mut State) {
        let Some((id, sighting)) = state.observer.found.take() else { return };
        if !state.rows[id] || !sighting.present && !self.has(Mutation::DeletionIsUnguarded) {
            return;
        }
        state.rows[id] = false;
        state.changes_row(id);
        let server = &state.server;
        if id != server.id || !server.alive {
            state.buried = true;
        } else if sighting.undisturbed {
            state.broken = Some(Promise::NoFalseGone);
        }
    }
}
