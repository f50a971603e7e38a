//! The write: "(strict: BEGIN, before the transaction or in it after the work: it must precede COMMIT) → SQL transaction with its
//! log rows → END or DROP → register the own write → acknowledge".
//!
//! The two orders differ until COMMIT only: BEGIN and then the transaction (`write`), or the transaction, its work and then BEGIN
//! (`write_naming`). Each write of a run follows either.

use super::mutations::Mutation;
use super::protocol::{Class, Protocol};
use super::state::{Command, State};
use super::steps::{Write, Writing};

impl Protocol {
    /// A write takes steps until it waits for something or ends.
    pub fn write(&self, state: &mut State, w: usize) {
        self.write_step(state, w);
        while self.write_is_passing(state, w) {
            self.write_step(state, w);
        }
    }

    /// Whether a write takes its next step without waiting.
    pub fn write_is_passing(&self, state: &State, w: usize) -> bool {
        match state.writes[w].step {
            Writing::Begun => true,
            Writing::Settled { confirmed } => self.may_acknowledge(state, w, confirmed),
            _ => false,
        }
    }

    /// A write takes one step.
    pub fn write_step(&self, state: &mut State, w: usize) {
        let worker = state.writes[w].worker;
        match state.writes[w].step {
            Writing::Open if self.scenario.elsewhere == Some(w) => {
                state.writes[w].logged = true;
                state.writes[w].step = Writing::Aborted;
            }
            Writing::NotBegun if self.class() == Class::Strict && !self.has(Mutation::BeginAfterCommit) => {
                self.begin(&mut state.redis, w);
                state.writes[w].step = Writing::Begun;
            }
            Writing::NotBegun | Writing::Begun => state.open(w, Writing::Open),
            Writing::Worked => {
                if !self.has(Mutation::BeginAfterCommit) {
                    self.begin(&mut state.redis, w);
                }
                state.writes[w].step = Writing::Open;
            }
            Writing::Open => {
                state.commit(w, self.logs() && !self.has(Mutation::RowOutsideTransaction));
                let unbarred = self.class() == Class::Strict && self.has(Mutation::BeginAfterCommit);
                state.writes[w].step = if unbarred { Writing::Unbarred } else { Writing::Committed { own: true } };
            }
            Writing::Unbarred => {
                self.begin(&mut state.redis, w);
                state.writes[w].step = Writing::Committed { own: true };
            }
            Writing::Committed { own } => {
                if own {
                    self.end(&mut state.redis, w);
                } else {
                    self.drop(&mut state.redis);
                }
                self.settled(state, w, true);
            }
            Writing::Settled { .. } => {
                if self.logs() && !self.has(Mutation::OwnWriteIsNotRegistered) {
                    self.register_change(state, worker, state.writes[w].position);
                }
                if !self.logs() {
                    // The admin command tells every worker before it answers.
                    (0..state.workers.len()).for_each(|worker| state.bump(worker));
                }
                state.writes[w].step = Writing::Acknowledged;
            }
            _ => unreachable!("this write does nothing by itself"),
        }
    }

    /// "If END or DROP stays unconfirmed, a strict write acknowledges D after its commit …; a near one at once."
    pub fn may_acknowledge(&self, state: &State, w: usize, confirmed: bool) -> bool {
        let waits = self.class() == Class::Strict && !confirmed && !self.has(Mutation::UnconfirmedIsAcknowledged);
        !waits || state.old >= state.writes[w].version
    }

    /// The write's command has no response: it may arrive late, and the write continues.
    pub fn unconfirmed(&self, state: &mut State, w: usize) {
        state.send_late(state.writes[w].command(w));
        let next = match state.writes[w].step {
            Writing::NotBegun => Some(Writing::Begun),
            Writing::Worked => Some(Writing::Open),
            _ => None,
        };
        if let Some(next) = next {
            state.barred = false;
            state.writes[w].step = next;
        } else {
            self.settled(state, w, false);
        }
        if self.write_is_passing(state, w) {
            self.write(state, w);
        }
    }

    fn settled(&self, state: &mut State, w: usize, confirmed: bool) {
        state.writes[w].logged = self.logs();
        state.writes[w].step = Writing::Settled { confirmed };
    }

    /// "If the outcome of COMMIT is unknown, send no END: the barrier expires by itself."
    pub fn lose_commit(&self, state: &mut State, w: usize) {
        if self.has(Mutation::UnknownCommitIsEnded) {
            self.end(&mut state.redis, w);
        }
        state.writes[w].step = Writing::InDoubt;
    }

    /// Ends a transaction whose outcome is not known to its worker.
    pub fn resolve(&self, state: &mut State, w: usize, commits: bool) {
        if commits {
            state.commit(w, self.logs() && !self.has(Mutation::RowOutsideTransaction));
        }
        state.writes[w].step = if commits { Writing::Orphaned } else { Writing::Aborted };
    }

    /// "An idempotent replay runs DROP, by the same rule, before it answers."
    pub fn replay(&self, state: &mut State, w: usize, worker: usize) {
        state.writes[w].worker = worker;
        state.writes[w].step = Writing::Committed { own: false };
        if self.has(Mutation::ReplayDoesNotDrop) {
            state.writes[w].step = Writing::Settled { confirmed: true };
        }
    }
}

impl Write {
    /// The command that its next step sends.
    pub fn command(&self, w: usize) -> Command {
        match self.step {
            Writing::NotBegun | Writing::Worked => Command::Begin { write: w },
            Writing::Committed { own: true } => Command::End { write: w },
            _ => Command::Drop,
        }
    }
}
