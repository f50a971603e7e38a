//! The read: "in-process copy (near) → Redis → ACQUIRE → load from the primary in a statement begun after ACQUIRE → FILL".
//!
//! A read begins with its first lookup. It responds in the step of its load or judgement (a later response has no stricter
//! requirements). A single flight closes when FILL is sent (later reads find BUSY). "A caller may only join a load that began
//! after it arrived" is modelled as an own load at the same moment.

use super::mutations::Mutation;
use super::protocol::{Class, Protocol};
use super::state::{Position, State, Value, id};
use super::steps::{Reading, Write};
use super::tail::Verdict;

impl Protocol {
    /// A read takes steps until it waits for something or ends.
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
            Reading::NotBegun => {
                state.reads[r].requirements = self.requirements(state, worker);
                self.lookup(state, r);
            }
            Reading::LookingUp => self.lookup(state, r),
            Reading::Got { value, intact, last } => match self.judge(state, worker, value) {
                Verdict::Serve => {
                    let keeps = self.class() == Class::Near || self.has(Mutation::StrictIsCopied);
                    if keeps && (intact || self.has(Mutation::CopyWithoutGuard)) {
                        state.workers[worker].copy = Some(value);
                    }
                    state.serve(r, value);
                }
                Verdict::Refuse if last => state.reads[r].step = Reading::Busy,
                Verdict::Refuse => state.reads[r].step = Reading::Missed { rejected: Some(value.id) },
                Verdict::Behind if state.down => self.serve_stale(state, r, value),
                Verdict::Behind => state.reads[r].step = Reading::Direct,
            },
            Reading::Missed { rejected } => match state.workers[worker].in_flight {
                Some(leader) => state.reads[r].step = Reading::Joined { leader },
                None => self.send_acquire(state, r, rejected),
            },
            Reading::Hit { value } => {
                self.release_followers(state, r, self.has(Mutation::HitIsShared).then_some(value));
                match self.judge(state, worker, value) {
                    Verdict::Serve => state.serve(r, value),
                    Verdict::Refuse | Verdict::Behind => state.reads[r].step = Reading::Busy,
                }
            }
            Reading::Leased | Reading::Stamped { .. } if state.down => {
                self.release_followers(state, r, None);
                state.reads[r].end();
            }
            Reading::Direct if state.down => state.reads[r].end(),
            Reading::Leased => state.reads[r].step = Reading::Stamped { stamp: self.stamp(state, worker) },
            Reading::Stamped { stamp } => {
                let value = Value { version: state.committed(), stamp, id: id(r) };
                state.reads[r].step = Reading::Loaded { value };
            }
            Reading::Loaded { mut value } => {
                if self.has(Mutation::StampAfterLoad) {
                    value.stamp = state.horizon();
                }
                if self.has(Mutation::LeaseIsTakenAgain) {
                    self.acquire(&mut state.redis, value.id, None);
                }
                let accepted = self.fill(&mut state.redis, value);
                self.filled(state, r, value, accepted);
            }
            Reading::Filled { value, accepted } => {
                self.release_followers(state, r, (accepted || self.has(Mutation::RefusedFillIsShared)).then_some(value));
                state.answer(r, value.version);
            }
            Reading::Busy => state.get(r, true),
            Reading::Direct if self.has(Mutation::RunningLoadIsJoined) => {
                state.reads[r].step = Reading::LoadedDirectly { version: state.running(worker).unwrap_or(state.committed()) };
            }
            Reading::Direct => state.answer(r, state.committed()),
            Reading::LoadedDirectly { version } => state.answer(r, version),
            Reading::Joined { .. } | Reading::Done => {}
        }
    }

    /// "in-process copy (near) → Redis". A hit in this process is judged like any other.
    fn lookup(&self, state: &mut State, r: usize) {
        let worker = state.reads[r].worker;
        let copy = state.workers[worker].copy;
        match copy {
            Some(copy) if self.has(Mutation::CopyIsNotJudged) || self.judge(state, worker, copy) == Verdict::Serve => {
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
        if self.has(Mutation::StampIsHighestCommitted) {
            return committed(false);
        }
        if self.has(Mutation::StampIsCursorWithOwnWrites) {
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
