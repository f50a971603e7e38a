//! The protocol in one situation: what may happen, and what comes of it.

use super::faults::Fault;
use super::plants::Plant;
use super::scenarios::Scenario;
use super::state::State;
use super::steps::{Order, Reading, Writing};

/// "strict" or "near".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    Strict,
    Near,
}

/// The protocol in one scenario, sound or with a planted fault.
#[derive(Debug, Clone, Copy)]
pub struct Protocol {
    pub scenario: Scenario,
    pub plant: Option<Plant>,
    /// The only order that writes follow; without it each write follows either.
    pub order: Option<Order>,
}

/// Something that may happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// A read takes its next step.
    Read(usize),
    /// A read has waited long enough for another's fill.
    GivesUp(usize),
    /// A write takes its next step; a strict one begins with BEGIN.
    Write(usize),
    /// A strict write begins with its transaction and the work in it.
    Works(usize),
    /// A transaction of which nobody hears commits, or does not.
    Resolves(usize, bool),
    /// The client repeats a write that has happened, at this worker.
    Replay(usize, usize),
    /// A worker polls the log.
    Polls(usize),
    /// A worker takes in the late answer to its poll.
    Learns(usize),
    /// D has passed since the oldest commit that was younger.
    TimePasses,
    /// A barrier's member expires: "it outlives the transaction's cap and its commit".
    BarrierEnds(usize),
    /// A late command arrives.
    Arrives(usize),
    /// Redis saves a snapshot, or a replica stops following.
    BacksUp,
    Fails(Fault, usize),
}

impl Protocol {
    pub fn has(&self, plant: Plant) -> bool {
        self.plant == Some(plant)
    }

    pub fn class(&self) -> Class {
        self.scenario.class
    }

    /// Whether a write may begin in this order. A near write sends no BEGIN: it has one order.
    pub fn follows(&self, order: Order) -> bool {
        match self.class() {
            Class::Strict => self.order.is_none_or(|only| only == order),
            Class::Near => order == Order::BeginFirst,
        }
    }

    pub fn logs(&self) -> bool {
        self.scenario.logs
    }

    /// "failover that loses commands, restored snapshot": only D is promised.
    pub fn loses_commands(&self) -> bool {
        self.scenario.faults.contains(&Fault::Restored)
    }

    /// Tells if it made sense.
    pub fn happens(&self, state: &mut State, action: Action) -> bool {
        match action {
            Action::Read(r) => self.read(state, r),
            Action::GivesUp(r) => {
                state.reads[r].step = Reading::Direct;
                self.read(state, r);
            }
            Action::Write(w) => self.write(state, w),
            Action::Works(w) => state.open(w, Writing::Worked),
            Action::Resolves(w, commits) => self.resolve(state, w, commits),
            Action::Replay(w, worker) => self.replay(state, w, worker),
            Action::Polls(k) => self.apply(state, k, self.poll(state, k)),
            Action::Learns(k) => {
                if let Some(poll) = state.workers[k].poll.take() {
                    self.apply(state, k, poll);
                }
            }
            Action::TimePasses => state.old += 1,
            Action::BarrierEnds(w) => state.redis.barrier &= !(1 << w),
            Action::Arrives(i) => {
                if let Some(command) = state.late[i].take() {
                    self.arrive(&mut state.redis, command);
                }
                state.late.sort_unstable();
            }
            Action::BacksUp => state.backup = Some(state.redis),
            Action::Fails(fault, target) => return self.fail(state, fault, target),
        }
        true
    }
}
