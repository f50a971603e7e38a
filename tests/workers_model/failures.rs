//! Failures: each begins at any time and, but for a kill, ends at any later time.

use super::state::{IDS, Server, State};
use super::{Action, Workers};

/// A failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The database does not answer.
    Outage,
    /// Another process locks the database for writes.
    Lock,
    /// The observer is stopped.
    ObserverPause,
    /// The server is stopped.
    ServerPause,
    /// The server does not reach the table of workers.
    Cut,
    /// The server is killed, and recovers as a new process.
    Kill,
}

impl Failure {
    fn is_of_the_database(self) -> bool {
        matches!(self, Self::Outage | Self::Lock)
    }

    fn is_under_way(self, state: &State) -> bool {
        match self {
            Self::Outage => state.down,
            Self::Lock => state.locked,
            Self::ObserverPause => state.observer.paused,
            Self::ServerPause => state.server.paused,
            Self::Cut => state.server.cut,
            Self::Kill => !state.server.alive,
        }
    }
}

impl Workers {
    /// The failures that may begin or end.
    pub fn failure_actions(&self, state: &State, actions: &mut Vec<Action>) {
        for &failure in self.situation.failures {
            if failure.is_under_way(state) {
                let is_last = failure == Failure::Kill && state.server.id + 1 >= IDS;
                actions.extend((!is_last).then_some(Action::Recovers(failure)));
            } else if state.failures > 0 && (!failure.is_of_the_database() || in_step(state)) {
                actions.push(Action::Fails(failure));
            }
        }
    }

    /// A failure ends.
    pub fn recover(state: &mut State, failure: Failure) {
        match failure {
            Failure::Outage => state.down = false,
            Failure::Lock => state.locked = false,
            Failure::ObserverPause => state.observer.paused = false,
            Failure::ServerPause => state.server.paused = false,
            Failure::Cut => state.server.cut = false,
            Failure::Kill => state.server = Server::starting(state.server.id + 1),
        }
        if matches!(failure, Failure::ServerPause | Failure::Cut) {
            state.disturbs_server();
        }
    }
}

/// Whether the observer has not got ahead of the server in this tick. A failure of the database that hits only the server again and again
/// is left out: it would have to do so twelve times in a row.
fn in_step(state: &State) -> bool {
    let server = &state.server;
    !state.rows[server.id] || !server.is_healthy() || server.beaten || !state.observer.observed
}

/// A failure begins.
pub fn begin(state: &mut State, failure: Failure) {
    state.failures -= 1;
    match failure {
        Failure::Outage => state.down = true,
        Failure::Lock => state.locked = true,
        Failure::ObserverPause => state.observer.paused = true,
        Failure::ServerPause => state.server.paused = true,
        Failure::Cut => state.server.cut = true,
        Failure::Kill => (state.server.alive, state.server.statement, state.server.paused) = (false, None, false),
    }
    if matches!(failure, Failure::ServerPause | Failure::Cut) {
        state.disturbs_server();
    }
}
