//! The write: it is committed, the table is read, and the greatest D in it is waited for.

use super::mutations::Mutation;
use super::state::{State, Write};
use super::{Action, OWN_D, Workers};

impl Workers {
    /// The steps of the write.
    pub fn writer_actions(&self, state: &State, actions: &mut Vec<Action>) {
        let write = &state.write;
        if state.observer.paused || write.acknowledged {
            return;
        }
        if write.committed.is_none() && !state.down && !state.locked {
            actions.push(Action::Writes);
        }
        if write.wait.is_none() && !state.down && (write.committed.is_some() || self.has(Mutation::TableIsReadFirst)) {
            actions.push(Action::ReadsTable);
        }
        if write.committed.zip(write.wait).is_some_and(|(age, wait)| age >= wait) {
            actions.push(Action::Acknowledges);
        }
    }

    /// Reads the table.
    pub fn read_table(&self, state: &mut State) {
        let d = if self.has(Mutation::OwnDIsWaited) { OWN_D } else { self.situation.d };
        state.write.wait = Some(if state.rows.contains(&true) { d } else { 0 });
    }
}

/// Commits.
pub fn write(state: &mut State) {
    state.write.committed = Some(0);
}

/// Acknowledges.
pub fn acknowledge(state: &mut State) {
    // The rest does not matter any more.
    state.write = Write { committed: Some(0), wait: None, acknowledged: true };
}
