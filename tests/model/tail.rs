//! How a worker learns of changes, and the one rule.
//!
//! Time is counted in commits. [`State::old`] of them are older than D; a poll that began after `n` commits is younger than D as
//! long as `old ≤ n`. So "D passes" is a step that is possible at any moment, and the rule determines what it makes stale.

use super::mutations::Mutation;
use super::protocol::Protocol;
use super::state::{Poll, Position, State, Value, Worker};
use super::steps::Reading;

/// How a worker judges a value.
#[derive(PartialEq, Eq)]
pub enum Verdict {
    Serve,
    Refuse,
    /// Its tail is behind: it reads SQL.
    Behind,
}

impl Protocol {
    /// "only if `stamp ≥ floor` and `last[key].position < stamp` … and only while `now − start of the last applied poll < D`".
    pub fn judge(&self, state: &mut State, worker: usize, value: Value) -> Verdict {
        let knowledge = &mut state.workers[worker];
        if (knowledge.polled < state.old || state.down) && !self.has(Mutation::BehindServes) {
            return Verdict::Behind;
        }
        if knowledge.accepts(value) {
            return Verdict::Serve;
        }
        knowledge.refused |= 1 << value.id;
        Verdict::Refuse
    }

    /// "the tail polls … in one statement: all visible rows with xid ≥ cursor, plus the horizon".
    pub fn poll(&self, state: &State, worker: usize) -> Poll {
        let (cursor, horizon) = (state.workers[worker].cursor, state.horizon());
        let rows = if self.has(Mutation::TailReadsBelowHorizon) { state.rows(cursor..horizon) } else { state.rows(cursor..) };
        Poll { rows, horizon, pruned: state.pruned, began: state.committed() }
    }

    /// "For each new row …: raise `last[key]`, bump the key's epoch, drop the in-process copy. Then cursor := horizon."
    pub fn apply(&self, state: &mut State, worker: usize, poll: Poll) {
        let now = state.committed();
        let knowledge = &mut state.workers[worker];
        if knowledge.cursor < poll.pruned && !self.has(Mutation::PruneKeepsFloor) {
            knowledge.floor = knowledge.floor.max(poll.pruned);
        }
        let new_rows = poll.rows & !knowledge.known;
        knowledge.known |= poll.rows;
        knowledge.polled = if self.has(Mutation::FreshFromTheEndOfAPoll) { now } else { knowledge.polled.max(poll.began) };
        knowledge.cursor = knowledge.cursor.max(poll.horizon);
        if self.has(Mutation::CursorIsTheNewestRow) {
            let newest =
                state.writes.iter().enumerate().filter(|(w, _)| poll.rows & 1 << w != 0).map(|(_, write)| write.position);
            knowledge.cursor = newest.max().map_or(knowledge.cursor, |newest| knowledge.cursor.max(newest + 1));
        }
        for w in (0..state.writes.len()).filter(|&w| new_rows & 1 << w != 0 && self.scenario.elsewhere != Some(w)) {
            self.register_change(state, worker, state.writes[w].position);
        }
    }

    /// Registers one change; also "register the own write as the tail would".
    pub fn register_change(&self, state: &mut State, worker: usize, position: Position) {
        let last = &mut state.workers[worker].last;
        *last = if self.has(Mutation::LastIsTheNewest) { position } else { position.max(*last) };
        state.bump(worker);
    }

    /// "Evicting from `last` … raises `floor`."
    pub fn evict_last(&self, worker: &mut Worker) {
        if !self.has(Mutation::EvictionKeepsFloor) {
            worker.floor = worker.floor.max(worker.last + 1);
        }
        worker.last = 0;
    }

    /// A worker starts: "`floor` := the start horizon", and the result of its first poll.
    pub fn start(&self, state: &mut State, worker: usize) {
        let floor = if self.has(Mutation::StartKeepsFloor) { 0 } else { state.horizon() };
        let refused = state.workers[worker].refused;
        state.workers[worker] = Worker { floor, cursor: state.horizon(), refused, ..Worker::default() };
        let first = self.poll(state, worker);
        self.apply(state, worker, first);
    }
}

impl State {
    /// Bumps the key's epoch and drops the in-process copy.
    pub fn bump(&mut self, worker: usize) {
        self.workers[worker].copy = None;
        for read in self.reads.iter_mut().filter(|read| read.worker == worker) {
            if let Reading::Got { intact, .. } = &mut read.step {
                *intact = false;
            }
        }
    }
}

impl Worker {
    /// "`stamp ≥ floor` and `last[key].position < stamp`".
    pub fn accepts(&self, value: Value) -> bool {
        value.stamp >= self.floor && self.last < value.stamp
    }
}
