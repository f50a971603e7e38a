//! The server: registers, beats, polls, serves.

use super::mutations::Mutation;
use super::state::{IDS, Promise, State, Statement};
use super::{Action, COUNTED, Workers};

impl Workers {
    /// The steps of the server.
    pub fn server_actions(&self, state: &State, actions: &mut Vec<Action>) {
        let server = &state.server;
        let runs = server.alive && !server.paused;
        match server.statement {
            None if runs && (!server.beaten || !server.registered) => actions.push(Action::Sends),
            Some(Statement { outcome: None, .. }) if !state.down && !state.locked && !server.cut => actions.push(Action::Commits),
            Some(Statement { outcome: Some(_), .. }) if runs => actions.push(Action::Confirms),
            _ => {}
        }
        if runs && !state.down && (server.registered || self.has(Mutation::ServesBeforeItsRow)) {
            actions.push(Action::Polls);
        }
        // What it serves matters only after the acknowledgement.
        if runs && state.write.acknowledged && self.may_serve(state) {
            actions.push(Action::Serves);
        }
    }

    /// Whether the server may serve a value that it read before the write.
    fn may_serve(&self, state: &State) -> bool {
        let server = &state.server;
        let is_counted = server.counted_for > 0 || self.has(Mutation::BeatsDoNotMatter);
        let is_unregistered = self.has(Mutation::ServesBeforeItsRow) && !server.registered;
        let is_covered = (is_counted && (server.polled_registered || self.has(Mutation::EarlierPollCounts))) || is_unregistered;
        !server.knows && server.polled.is_some() && is_covered
    }

    /// The server learns the outcome of its statement.
    pub fn confirm(&self, state: &mut State) {
        let server = &mut state.server;
        let Some(Statement { inserts, age, outcome: Some(outcome) }) = server.statement.take() else { return };
        let age = if self.has(Mutation::CountedFromTheEnd) { 0 } else { age };
        if outcome || self.has(Mutation::DeletionGoesUnnoticed) {
            server.counted_for = COUNTED - age;
            if inserts {
                server.registered = true;
                server.polled_registered = false;
            }
        } else if server.id + 1 < IDS {
            server.id += 1;
            server.registered = false;
        } else {
            server.alive = false;
        }
    }
}

/// Sends a beat, or the insertion of the row.
pub fn send(state: &mut State) {
    state.server.statement = Some(Statement { inserts: !state.server.registered, age: 0, outcome: None });
}

/// The database commits what the server sent.
pub fn commit(state: &mut State) {
    let id = state.server.id;
    let Some(statement) = &mut state.server.statement else { return };
    state.rows[id] |= statement.inserts;
    statement.outcome = Some(state.rows[id]);
    state.server.beaten = true;
    state.changes_row(id);
}

/// Polls the change log.
pub fn poll(state: &mut State) {
    let server = &mut state.server;
    server.polled = Some(0);
    server.polled_registered = server.registered;
    server.knows = state.write.committed.is_some();
}

/// Serves the cached value.
pub fn serve(state: &mut State) {
    state.broken = Some(Promise::NothingOldAfterAcknowledgement);
}
