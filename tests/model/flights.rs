//! Single-flight: reads of one worker that miss together, and the two commands that their leader sends.

use super::plants::Plant;
use super::protocol::Protocol;
use super::redis::Acquired;
use super::state::{Command, State, Value, Version, id};
use super::steps::Reading;
use super::tail::Verdict;

impl Protocol {
    /// ACQUIRE. Only a LEASE makes a flight: "an ACQUIRE that answered HIT is not shared".
    pub fn ask(&self, state: &mut State, r: usize, rejected: Option<u8>) {
        let worker = state.reads[r].worker;
        state.reads[r].step = match self.acquire(&mut state.redis, id(r), rejected) {
            Acquired::Bypass => Reading::Direct,
            Acquired::Busy => Reading::Busy,
            Acquired::Lease => {
                state.workers[worker].flight = Some(id(r));
                Reading::Leased
            }
            Acquired::Hit(value) => {
                state.offered(value, rejected);
                if self.has(Plant::HitIsShared) {
                    state.workers[worker].flight = Some(id(r));
                }
                Reading::Hit { value }
            }
        };
    }

    /// A FILL was answered, or given up: "a timed-out FILL counts as refused".
    pub fn filled(&self, state: &mut State, r: usize, value: Value, accepted: bool) {
        if !self.has(Plant::FlightAdmitsAfterFill) {
            state.workers[state.reads[r].worker].flight = None;
        }
        state.reads[r].step = Reading::Filled { value, accepted };
    }

    /// A flight is over. "joiners may use the leader's value only if its FILL was accepted, and each judges it by the one rule".
    pub fn disembark(&self, state: &mut State, leader: usize, shared: Option<Value>) {
        let worker = state.reads[leader].worker;
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
                state.serve(r, value);
            }
        }
    }

    /// The read's ACQUIRE or FILL goes unanswered: it may still arrive, and the read goes on without. Tells if it had one to send.
    pub fn unheard(&self, state: &mut State, r: usize) -> bool {
        let worker = state.reads[r].worker;
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
}

impl State {
    /// A load that runs already.
    pub fn running(&self, worker: usize) -> Option<Version> {
        self.reads.iter().filter(|read| read.worker == worker).find_map(|read| match read.step {
            Reading::InHand { version } => Some(version),
            _ => None,
        })
    }
}
