//! The server: registers, beats, polls, serves.

use super::mutations::Mutation;
use super::state::{IDS, Promise, Server, State, Statement};
use super::{Action, COUNTED, Workers};

impl Workers {
    /// The steps of the server.
    pub fn server_actions(&self, state: &State, actions: &mut Vec<Action>) {
        let server = &state.server;
        let runs = server.alive && !server.paused;
        match server.statement {
            None if runs && !server.beaten | !server.registered => actions.push(Action::Sends),
            Some(Statement { outcome: None, .. }) if !state.down && !state.locked && !server.cut => actions.push(Action::Commits),
            Some(Statement { outcome: Some(_), .. }) if runs => actions.push(Action::Confirms),
            _ => {}
        }
        if runs && !state.down && (server.registered || self.has(Mutation::ServesBeforeItsRow)) {
            let is_news = server.polled != Some(state.now) || server.knows != state.write.committed.is_some();
            actions.extend((is_news || !server.polled_registered).then_some(Action::Polls));
        }
        // What it serves matters only after the acknowledgement.
        if runs && state.write.acknowledged && self.may_serve(state) {
            actions.push(Action::Serves);
        }
    }

    /// Whether the server may serve a value that it read before the write.
    fn may_serve(&self, state: &State) -> bool {
        let server = &state.server;
        let is_current = server.polled.is_some_and(|polled| state.now < polled + self.situation.d);
        let is_counted = state.now < server.until || self.has(Mutation::BeatsDoNotMatter);
        let unregistered = self.has(Mutation::ServesBeforeItsRow) && !server.registered;
        let is_covered = (is_counted && (server.polled_registered || self.has(Mutation::EarlierPollCounts))) || unregistered;
        !server.knows && is_current && is_covered
    }

    /// The server learns the outcome of its statement.
    pub fn confirm(&self, state: &mut State) {
        let server = &mut state.server;
        let Some(Statement { inserts, began, outcome: Some(outcome) }) = server.statement.take() else { return };
        let counts_from = if self.has(Mutation::CountedFromTheEnd) { state.now } else { began };
        if outcome || self.has(Mutation::DeletionGoesUnnoticed) {
            server.until = counts_from + COUNTED;
            if inserts {
                server.registered = true;
                server.polled_registered = false;
            }
        } else if server.id + 1 < IDS {
            server.id += 1;
            server.registered = false;
            server.statement = Some(Statement { inserts: true, began: state.now, outcome: None });
        } else {
            server.alive = false;
        }
    }
}

/// Sends a beat, or the insertion of the row.
pub fn send(state: &mut State) {
    state.server.statement = Some(Statement { inserts: !state.server.registered, began: state.now, outcome: None });
}

/// The database commits what the server sent.
pub fn commit(state: &mut State) {
    let Server { id, statement, beaten, .. } = &mut state.server;
    let Some(statement) = statement else { return };
    let row = &mut state.rows[*id];
    statement.outcome = Some(statement.inserts || row.is_some());
    *row = if statement.inserts { Some(0) } else { row.map(|beat| beat + 1) };
    *beaten = true;
}

/// Polls the change log.
pub fn poll(state: &mut State) {
    let server = &mut state.server;
    server.polled = Some(state.now);
    server.polled_registered = server.registered;
    server.knows = state.write.committed.is_some();
}

/// Serves the cached value.
pub fn serve(state: &mut State) {
    state.broken = Some(Promise::NothingOldAfterAcknowledgement);
}
