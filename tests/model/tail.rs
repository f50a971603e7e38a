//! What a worker learns of changes, and the one rule.
//!
//! Time is counted in commits. [`State::old`] of them are older than D; a poll that began after `n` commits is younger than D as
//! long as `old ≤ n`. So "D passes" is a step that may be taken at any moment, and what it makes stale follows from the rule.

use super::plants::Plant;
use super::protocol::Protocol;
use super::state::{Poll, Position, State, Value, Worker};
use super::steps::Reading;

/// How a worker judges a value.
#[derive(PartialEq, Eq)]
pub enum Verdict {
    Serve,
    Refuse,
    /// Its tail is behind: it reads SQL.
    Blind,
}

impl Protocol {
    /// "only if `stamp ≥ floor` and `last[key].position < stamp` … and only while `now − start of the last applied poll < D`".
    pub fn judge(&self, state: &mut State, worker: usize, value: Value) -> Verdict {
        let knows = &mut state.workers[worker];
        if (knows.polled < state.old || state.down) && !self.has(Plant::BlindServes) {
            return Verdict::Blind;
        }
        if knows.accepts(value) {
            return Verdict::Serve;
        }
        knows.refused |= 1 << value.id;
        Verdict::Refuse
    }

    /// "the tail polls … in one statement: all visible rows with xid ≥ cursor, plus the horizon".
    pub fn poll(&self, state: &State, worker: usize) -> Poll {
        let (cursor, horizon) = (state.workers[worker].cursor, state.horizon());
        let rows = if self.has(Plant::TailReadsBelowHorizon) { state.rows(cursor..horizon) } else { state.rows(cursor..) };
        Poll { rows, horizon, pruned: state.pruned, began: state.committed() }
    }

    /// "For each new row …: raise `last[key]`, bump the key's epoch, drop the in-process copy. Then cursor := horizon."
    pub fn apply(&self, state: &mut State, worker: usize, poll: Poll) {
        let now = state.committed();
        let knows = &mut state.workers[worker];
        if knows.cursor < poll.pruned && !self.has(Plant::PruneKeepsFloor) {
            knows.floor = knows.floor.max(poll.pruned);
        }
        let news = poll.rows & !knows.known;
        knows.known |= poll.rows;
        knows.polled = if self.has(Plant::FreshFromTheEndOfAPoll) { now } else { knows.polled.max(poll.began) };
        knows.cursor = knows.cursor.max(poll.horizon);
        if self.has(Plant::CursorIsTheNewestRow) {
            let newest =
                state.writes.iter().enumerate().filter(|(w, _)| poll.rows & 1 << w != 0).map(|(_, write)| write.position);
            knows.cursor = newest.max().map_or(knows.cursor, |newest| knows.cursor.max(newest + 1));
        }
        for w in (0..state.writes.len()).filter(|&w| news & 1 << w != 0 && self.scenario.elsewhere != Some(w)) {
            self.note(state, worker, state.writes[w].position);
        }
    }

    /// Takes in one change; also "register the own write as the tail would".
    pub fn note(&self, state: &mut State, worker: usize, position: Position) {
        let last = &mut state.workers[worker].last;
        *last = if self.has(Plant::LastIsTheNewest) { position } else { position.max(*last) };
        state.bump(worker);
    }

    /// "Evicting from `last` … raises `floor`."
    pub fn forget(&self, worker: &mut Worker) {
        if !self.has(Plant::ForgettingKeepsFloor) {
            worker.floor = worker.floor.max(worker.last + 1);
        }
        worker.last = 0;
    }

    /// A worker starts: "`floor` := the start horizon", and what its first poll tells.
    pub fn start(&self, state: &mut State, worker: usize) {
        let floor = if self.has(Plant::StartKeepsFloor) { 0 } else { state.horizon() };
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
