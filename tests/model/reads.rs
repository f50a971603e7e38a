//! The read: "in-process copy (near) → Redis → ACQUIRE → load from the primary in a statement begun after ACQUIRE → FILL".
//!
//! A read begins with its first look, an answer is given with the load or judgement that made it (a later answer owes no more),
//! and a flight closes with the FILL that is sent (who comes in between finds BUSY). "A caller may only join a load that began
//! after it arrived" is a load of one's own at the same moment.

use super::plants::Plant;
use super::protocol::{Class, Protocol};
use super::redis::Acquired;
use super::state::{Command, Read, Reading, State, Value};
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
        let worker = usize::from(state.reads[r].worker);
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
                    self.serve(state, r, value);
                }
                Verdict::Refuse if last => state.reads[r].step = Reading::Busy,
                Verdict::Refuse => state.reads[r].step = Reading::Missed { rejected: Some(value.id) },
                Verdict::Blind => state.reads[r].step = Reading::Direct,
            },
            Reading::Missed { rejected } => match state.workers[worker].flight {
                Some(leader) => state.reads[r].step = Reading::Joined { leader },
                None => self.ask(state, r, rejected),
            },
            Reading::Hit { value } => {
                self.disembark(state, r, self.has(Plant::HitIsShared).then_some(value));
                match self.judge(state, worker, value) {
                    Verdict::Serve => self.serve(state, r, value),
                    Verdict::Refuse | Verdict::Blind => state.reads[r].step = Reading::Busy,
                }
            }
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
                self.answer(state, r, value.version);
            }
            Reading::Busy => self.get(state, r, true),
            Reading::Direct if self.has(Plant::RunningLoadIsJoined) => {
                state.reads[r].step = Reading::InHand { version: self.running(state, worker).unwrap_or(state.committed()) };
            }
            Reading::Direct => self.answer(state, r, state.committed()),
            Reading::InHand { version } => self.answer(state, r, version),
            Reading::Joined { .. } | Reading::Over => {}
        }
    }

    /// "in-process copy (near) → Redis". A hit in this process is judged like any other.
    fn look(&self, state: &mut State, r: usize) {
        let worker = usize::from(state.reads[r].worker);
        let copy = state.workers[worker].copy;
        match copy {
            Some(copy) if self.has(Plant::CopyIsNotJudged) || self.judge(state, worker, copy) == Verdict::Serve => {
                self.serve(state, r, copy);
            }
            _ => self.get(state, r, false),
        }
    }

    fn get(&self, state: &mut State, r: usize, last: bool) {
        state.reads[r].step = match state.redis.value {
            Some(value) => Reading::Got { value, intact: true, last },
            None if last => Reading::Busy,
            None => Reading::Missed { rejected: None },
        };
    }

    fn ask(&self, state: &mut State, r: usize, rejected: Option<u8>) {
        let worker = usize::from(state.reads[r].worker);
        state.reads[r].step = match self.acquire(&mut state.redis, id(r), rejected) {
            Acquired::Bypass => Reading::Direct,
            Acquired::Busy => Reading::Busy,
            Acquired::Lease => {
                state.workers[worker].flight = Some(id(r));
                Reading::Leased
            }
            Acquired::Hit(value) => {
                self.offered(state, value, rejected);
                if self.has(Plant::HitIsShared) {
                    state.workers[worker].flight = Some(id(r));
                }
                Reading::Hit { value }
            }
        };
    }

    /// "the horizon read from the primary before … the load".
    fn stamp(&self, state: &State, worker: usize) -> u8 {
        let committed = |own: bool| {
            let mine = |write: &&super::state::Write| write.version > 0 && (!own || usize::from(write.worker) == worker);
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

    /// A FILL was answered, or given up: "a timed-out FILL counts as refused".
    fn filled(&self, state: &mut State, r: usize, value: Value, accepted: bool) {
        if !self.has(Plant::FlightAdmitsAfterFill) {
            state.workers[usize::from(state.reads[r].worker)].flight = None;
        }
        state.reads[r].step = Reading::Filled { value, accepted };
    }

    /// A flight is over. "joiners may use the leader's value only if its FILL was accepted, and each judges it by the one rule".
    pub fn disembark(&self, state: &mut State, leader: usize, shared: Option<Value>) {
        let worker = usize::from(state.reads[leader].worker);
        if state.workers[worker].flight == Some(id(leader)) {
            state.workers[worker].flight = None;
        }
        for r in 0..state.reads.len() {
            if state.reads[r].step != (Reading::Joined { leader: id(leader) }) {
                continue;
            }
            state.reads[r].step = Reading::Looking;
            if let Some(value) = shared
                && (self.has(Plant::JoinerDoesNotJudge) || self.judge(state, worker, value) == Verdict::Serve)
            {
                self.serve(state, r, value);
            }
        }
    }

    /// The read's ACQUIRE or FILL goes unanswered: it may still arrive, and the read goes on without. Tells if it had one to send.
    pub fn unheard(&self, state: &mut State, r: usize) -> bool {
        let worker = usize::from(state.reads[r].worker);
        while matches!(state.reads[r].step, Reading::Ahead | Reading::Looking | Reading::Got { .. }) {
            self.read_step(state, r);
        }
        match state.reads[r].step {
            Reading::Missed { rejected } if state.workers[worker].flight.is_none() => {
                state.post(Command::Acquire { id: id(r), rejected });
                state.reads[r].step = if self.has(Plant::UnheardAcquireFills) { Reading::Leased } else { Reading::Direct };
            }
            Reading::Loaded { value } => {
                state.post(Command::Fill(value));
                self.filled(state, r, value, self.has(Plant::UnheardFillIsShared));
            }
            _ => return false,
        }
        if state.reads[r].is_passing() {
            self.read(state, r);
        }
        true
    }

    fn running(&self, state: &State, worker: usize) -> Option<u8> {
        state.reads.iter().filter(|read| usize::from(read.worker) == worker).find_map(|read| match read.step {
            Reading::InHand { version } => Some(version),
            _ => None,
        })
    }
}

impl Read {
    /// Whether it goes on by itself; only a read that pauses is met here.
    pub fn is_passing(&self) -> bool {
        use Reading::{Direct, Filled, Got, Hit, Missed, Stamped};
        matches!(self.step, Got { .. } | Missed { .. } | Hit { .. } | Stamped { .. } | Filled { .. } | Direct)
    }
}

fn id(r: usize) -> u8 {
    u8::try_from(r).unwrap_or(u8::MAX)
}
