//! Single-flight: reads of one worker that miss together, and the two commands that their leader sends.

use super::mutations::Mutation;
use super::protocol::Protocol;
use super::redis::Acquired;
use super::state::{Command, State, Value, Version, id};
use super::steps::Reading;
use super::tail::Verdict;

impl Protocol {
    /// ACQUIRE. Only a LEASE starts a single flight: "an ACQUIRE that answered HIT is not shared".
    pub fn send_acquire(&self, state: &mut State, r: usize, rejected: Option<u8>) {
        let worker = state.reads[r].worker;
        state.reads[r].step = match self.acquire(&mut state.redis, id(r), rejected) {
            Acquired::Bypass => Reading::Direct,
            Acquired::Busy => Reading::Busy,
            Acquired::Lease => {
                state.workers[worker].in_flight = Some(id(r));
                Reading::Leased
            }
            Acquired::Hit(value) => {
                state.offered(value, rejected);
                if self.has(Mutation::HitIsShared) {
                    state.workers[worker].in_flight = Some(id(r));
                }
                Reading::Hit { value }
            }
        };
    }

    /// A FILL has a response or timed out: "a timed-out FILL counts as refused".
    pub fn filled(&self, state: &mut State, r: usize, value: Value, accepted: bool) {
        if !self.has(Mutation::InFlightAdmitsAfterFill) {
            state.workers[state.reads[r].worker].in_flight = None;
        }
        state.reads[r].step = Reading::Filled { value, accepted };
    }

    /// Ends a single flight. "joiners may use the leader's value only if its FILL was accepted, and each judges it by the one
    /// rule".
    pub fn release_followers(&self, state: &mut State, leader: usize, shared: Option<Value>) {
        let worker = state.reads[leader].worker;
        if state.workers[worker].in_flight == Some(id(leader)) {
            state.workers[worker].in_flight = None;
        }
        for r in 0..state.reads.len() {
            if state.reads[r].step != (Reading::Joined { leader: id(leader) }) {
                continue;
            }
            state.reads[r].step = Reading::LookingUp;
            if let Some(value) = shared
                && (self.has(Mutation::JoinerDoesNotJudge) || self.judge(state, worker, value) == Verdict::Serve)
            {
                state.serve(r, value);
            }
        }
    }

    /// The read's ACQUIRE or FILL has no response: it may arrive late. Returns whether the read had one to send.
    pub fn unanswered(&self, state: &mut State, r: usize) -> bool {
        let worker = state.reads[r].worker;
        while matches!(state.reads[r].step, Reading::NotBegun | Reading::LookingUp | Reading::Got { .. }) {
            self.read_step(state, r);
        }
        match state.reads[r].step {
            Reading::Missed { rejected } if state.workers[worker].in_flight.is_none() => {
                state.send_late(Command::Acquire { id: id(r), rejected });
                state.reads[r].step = if self.has(Mutation::UnansweredAcquireFills) { Reading::Leased } else { Reading::Direct };
            }
            Reading::Loaded { value } => {
                state.send_late(Command::Fill(value));
                self.filled(state, r, value, self.has(Mutation::UnansweredFillIsShared));
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
    /// The version of a running load.
    pub fn running(&self, worker: usize) -> Option<Version> {
        self.reads.iter().filter(|read| read.worker == worker).find_map(|read| match read.step {
            Reading::LoadedDirectly { version } => Some(version),
            _ => None,
        })
    }
}
