//! The enabled actions of a state. Reads of one worker are interchangeable, and so are its writes: they begin in order, which
//! omits no case.

use super::mutations::Mutation;
use super::protocol::{Action, Protocol};
use super::state::State;
use super::steps::{Order, Read, Reading, Write, Writing};

impl Protocol {
    /// The actions of reads.
    pub fn read_actions(state: &State, actions: &mut Vec<Action>) {
        for (r, read) in state.reads.iter().enumerate() {
            match read.step {
                Reading::Joined { .. } | Reading::Done => {}
                Reading::NotBegun if !state.may_read(r) => {}
                Reading::Busy => {
                    actions.extend(state.redis.value.map(|_| Action::Read(r)));
                    actions.push(Action::GivesUp(r));
                }
                _ => actions.push(Action::Read(r)),
            }
        }
    }

    /// The actions of writes.
    pub fn write_actions(&self, state: &State, actions: &mut Vec<Action>) {
        for (w, write) in state.writes.iter().enumerate() {
            match write.step {
                Writing::NotBegun | Writing::Begun | Writing::Worked | Writing::Open if state.down => {}
                Writing::NotBegun if state.may_begin(w) => {
                    actions.extend(self.follows(Order::BeginFirst).then_some(Action::Write(w)));
                    actions.extend(self.follows(Order::WorkFirst).then_some(Action::Works(w)));
                }
                Writing::NotBegun | Writing::Acknowledged | Writing::Aborted => {}
                Writing::InDoubt => actions.extend([Action::Resolves(w, true), Action::Resolves(w, false)]),
                Writing::Orphaned => actions.extend([Action::Replay(w, 0), Action::Replay(w, 1)]),
                Writing::Settled { confirmed } if !self.may_acknowledge(state, w, confirmed) => {}
                Writing::Begun
                | Writing::Worked
                | Writing::Open
                | Writing::Unbarred
                | Writing::Committed { .. }
                | Writing::Settled { .. } => actions.push(Action::Write(w)),
            }
        }
    }

    /// The actions of tails and of time. A poll without news is omitted.
    pub fn worker_actions(&self, state: &State, actions: &mut Vec<Action>) {
        for (k, worker) in state.workers.iter().enumerate().filter(|(k, _)| state.is_read_at(*k) && !state.down) {
            let poll = self.poll(state, k);
            if worker.poll.is_some() {
                actions.push(Action::AppliesPoll(k));
            } else if poll.began > worker.polled || poll.rows & !worker.known != 0 || poll.horizon > worker.cursor {
                actions.push(Action::Polls(k));
            }
        }
        if self.logs() && state.old < state.committed() {
            actions.push(Action::TimePasses);
        }
    }

    /// The actions of Redis and of late commands.
    pub fn redis_actions(&self, state: &State, actions: &mut Vec<Action>) {
        for (w, write) in state.writes.iter().enumerate().filter(|(w, _)| state.redis.barrier & 1 << w != 0) {
            let under_way = matches!(write.step, Writing::Begun | Writing::Open | Writing::InDoubt);
            if !under_way || self.has(Mutation::BarrierEndsBeforeTransaction) {
                actions.push(Action::BarrierEnds(w));
            }
        }
        actions.extend((0..state.late.len()).filter(|&i| state.late[i].is_some()).map(Action::Arrives));
        if self.loses_commands() && state.backup.is_none() && state.failures > 0 {
            actions.push(Action::BacksUp);
        }
    }
}

impl State {
    /// Whether it is a read's turn to begin.
    pub fn may_read(&self, r: usize) -> bool {
        let earlier = |read: &Read| read.step == Reading::NotBegun && read.worker == self.reads[r].worker;
        !self.reads[..r].iter().any(earlier)
    }

    /// Whether it is a write's turn to begin.
    pub fn may_begin(&self, w: usize) -> bool {
        let earlier = |write: &Write| write.step == Writing::NotBegun && write.worker == self.writes[w].worker;
        !self.writes[..w].iter().any(earlier)
    }
}
