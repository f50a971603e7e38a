//! The observer: beats, reads the table, and deletes the rows of workers that are gone.

use super::mutations::Mutation;
use super::state::{Promise, State};
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
        let observer = &mut state.observer;
        if state.now - observer.last > MAX_GAP && !self.has(Mutation::GapIsIgnored) {
            observer.sightings = Default::default();
        }
        (observer.last, observer.observed) = (state.now, true);
        for (sighting, row) in observer.sightings.iter_mut().zip(state.rows) {
            *sighting = row.map(|beat| sighting.filter(|(known, _)| *known == beat).unwrap_or((beat, state.now)));
        }
        let mut sightings = observer.sightings.iter().enumerate();
        let gone =
            sightings.find_map(|(id, sighting)| sighting.filter(|(_, since)| state.now - since >= GONE).map(|seen| (id, seen)));
        observer.found = gone.map(|(id, (beat, since))| (id, beat, since));
    }

    /// Deletes the row of the worker that was found gone.
    pub fn delete(&self, state: &mut State) {
        let Some((id, beat, since)) = state.observer.found.take() else { return };
        if state.rows[id] != Some(beat) && !self.has(Mutation::DeletionIsUnguarded) {
            return;
        }
        state.rows[id] = None;
        let server = &state.server;
        if id != server.id || !server.alive {
            state.buried = true;
        } else if server.is_healthy() && server.healthy_since <= since {
            state.broken = Some(Promise::NoFalseGone);
        }
    }
}
