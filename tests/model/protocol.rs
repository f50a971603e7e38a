//! The protocol in one situation: its actions and their effects.

use super::failures::Failure;
use super::mutations::Mutation;
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
    pub mutation: Option<Mutation>,
    /// The only order that writes follow; without it each write follows either.
    pub order: Option<Order>,
}

/// An action.
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
    /// A transaction whose client is gone commits, or does not.
    Resolves(usize, bool),
    /// The client repeats a write that has happened, at this worker.
    Replay(usize, usize),
    /// A worker polls the log.
    Polls(usize),
    /// A worker applies the late result of its poll.
    AppliesPoll(usize),
    /// D has passed since the oldest commit that was younger.
    TimePasses,
    /// A barrier's member expires: "it outlives the transaction's cap and its commit".
    BarrierEnds(usize),
    /// A late command arrives.
    Arrives(usize),
    /// Redis saves a snapshot, or a replica stops following.
    BacksUp,
    Fails(Failure, usize),
}

impl Protocol {
    pub fn has(&self, mutation: Mutation) -> bool {
        self.mutation == Some(mutation)
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
        self.scenario.failures.contains(&Failure::Restored)
    }

    /// Applies an action; returns whether it was possible.
    pub fn apply_action(&self, state: &mut State, action: Action) -> bool {
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
            Action::AppliesPoll(k) => {
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
            Action::Fails(failure, target) => return self.fail(state, failure, target),
        }
        true
    }
}
