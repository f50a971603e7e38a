//! The read: "in-process copy (near) → Redis → ACQUIRE → load from the primary in a statement begun after ACQUIRE → FILL".
//!
//! A read begins with its first look, an answer is given with the load or judgement that made it (a later answer owes no more),
//! and a flight closes with the FILL that is sent (who comes in between finds BUSY). "A caller may only join a load that began
//! after it arrived" is a load of one's own at the same moment.

use super::plants::Plant;
use super::protocol::{Class, Protocol};
use super::state::{Position, State, Value, id};
use super::steps::{Reading, Write};
use super::tail::Verdict;

impl Protocol {
    /// A read goes on to where it waits for something, or to its end.
    pub fn read(&self, state: &mut State, r: usize) {
        self.read_step(state, r);
        while state.reads[r].is_passing() {
            self.read_step(state, r);
        }
    }

    /// A read takes one step.
    pub fn read_step(&self, state: &mut State, r: usize) {
        let worker = state.reads[r].worker;
        match state.reads[r].step {
            Reading::Ahead => {
                state.reads[r].owes = self.owes(state, worker);
                self.look(state, r);
            }
            Reading::Looking => self.look(state, r),
            Reading::Got { value, intact, last } => match self.judge(state, worker, value) {
                Verdict::Serve => {
                    let keeps = self.class() == Class::Near || self.has(Plant::StrictIsCopied);
                    if keeps && (intact || self.has(Plant::CopyWithoutGuard)) {
                        state.workers[worker].copy = Some(value);
                    }
                    state.serve(r, value);
                }
                Verdict::Refuse if last => state.reads[r].step = Reading::Busy,
                Verdict::Refuse => state.reads[r].step = Reading::Missed { rejected: Some(value.id) },
                Verdict::Blind if state.down => self.serve_stale(state, r, value),
                Verdict::Blind => state.reads[r].step = Reading::Direct,
            },
            Reading::Missed { rejected } => match state.workers[worker].flight {
                Some(leader) => state.reads[r].step = Reading::Joined { leader },
                None => self.ask(state, r, rejected),
            },
            Reading::Hit { value } => {
                self.disembark(state, r, self.has(Plant::HitIsShared).then_some(value));
                match self.judge(state, worker, value) {
                    Verdict::Serve => state.serve(r, value),
                    Verdict::Refuse | Verdict::Blind => state.reads[r].step = Reading::Busy,
                }
            }
            Reading::Leased | Reading::Stamped { .. } if state.down => {
                self.disembark(state, r, None);
                state.reads[r].end();
            }
            Reading::Direct if state.down => state.reads[r].end(),
            Reading::Leased => state.reads[r].step = Reading::Stamped { stamp: self.stamp(state, worker) },
            Reading::Stamped { stamp } => {
                let value = Value { version: state.committed(), stamp, id: id(r) };
                state.reads[r].step = Reading::Loaded { value };
            }
            Reading::Loaded { mut value } => {
                if self.has(Plant::StampAfterLoad) {
                    value.stamp = state.horizon();
                }
                if self.has(Plant::LeaseIsTakenAgain) {
                    self.acquire(&mut state.redis, value.id, None);
                }
                let accepted = self.fill(&mut state.redis, value);
                self.filled(state, r, value, accepted);
            }
            Reading::Filled { value, accepted } => {
                self.disembark(state, r, (accepted || self.has(Plant::RefusedFillIsShared)).then_some(value));
                state.answer(r, value.version);
            }
            Reading::Busy => state.get(r, true),
            Reading::Direct if self.has(Plant::RunningLoadIsJoined) => {
                state.reads[r].step = Reading::InHand { version: state.running(worker).unwrap_or(state.committed()) };
            }
            Reading::Direct => state.answer(r, state.committed()),
            Reading::InHand { version } => state.answer(r, version),
            Reading::Joined { .. } | Reading::Over => {}
        }
    }

    /// "in-process copy (near) → Redis". A hit in this process is judged like any other.
    fn look(&self, state: &mut State, r: usize) {
        let worker = state.reads[r].worker;
        let copy = state.workers[worker].copy;
        match copy {
            Some(copy) if self.has(Plant::CopyIsNotJudged) || self.judge(state, worker, copy) == Verdict::Serve => {
                state.serve(r, copy);
            }
            _ => state.get(r, false),
        }
    }

    /// "the horizon read from the primary before … the load".
    fn stamp(&self, state: &State, worker: usize) -> Position {
        let committed = |own: bool| {
            let mine = |write: &&Write| write.version > 0 && (!own || write.worker == worker);
            state.writes.iter().filter(mine).map(|write| write.position + 1).max().unwrap_or(1)
        };
        if self.has(Plant::StampIsHighestCommitted) {
            return committed(false);
        }
        if self.has(Plant::StampIsCursorWithOwnWrites) {
            return state.workers[worker].cursor.max(committed(true));
        }
        state.horizon()
    }
}

impl State {
    /// "one plain GET", and before it the key's epoch.
    fn get(&mut self, r: usize, last: bool) {
        self.reads[r].step = match self.redis.value {
            Some(value) => Reading::Got { value, intact: true, last },
            None if last => Reading::Busy,
            None => Reading::Missed { rejected: None },
        };
    }
}
