//! Who may take a step. Reads of one worker are alike, and so are its writes: they begin in order, which loses nothing.

use super::plants::Plant;
use super::protocol::{Action, Protocol};
use super::state::State;
use super::steps::{Order, Read, Reading, Write, Writing};

impl Protocol {
    /// What reads may do.
    pub fn of_reads(state: &State, actions: &mut Vec<Action>) {
        for (r, read) in state.reads.iter().enumerate() {
            match read.step {
                Reading::Joined { .. } | Reading::Over => {}
                Reading::Ahead if !state.may_look(r) => {}
                Reading::Busy => {
                    actions.extend(state.redis.value.map(|_| Action::Read(r)));
                    actions.push(Action::GivesUp(r));
                }
                _ => actions.push(Action::Read(r)),
            }
        }
    }

    /// What writes may do.
    pub fn of_writes(&self, state: &State, actions: &mut Vec<Action>) {
        for (w, write) in state.writes.iter().enumerate() {
            match write.step {
                Writing::Ahead | Writing::Begun | Writing::Worked | Writing::Open if state.down => {}
                Writing::Ahead if state.may_begin(w) => {
                    actions.extend(self.follows(Order::BeginFirst).then_some(Action::Write(w)));
                    actions.extend(self.follows(Order::WorkFirst).then_some(Action::Works(w)));
                }
                Writing::Ahead | Writing::Acknowledged | Writing::Gone => {}
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

    /// What tails may do, and time. A poll that would tell nothing new is none.
    pub fn of_workers(&self, state: &State, actions: &mut Vec<Action>) {
        for (k, worker) in state.workers.iter().enumerate().filter(|(k, _)| state.is_read_at(*k) && !state.down) {
            let poll = self.poll(state, k);
            if worker.poll.is_some() {
                actions.push(Action::Learns(k));
            } else if poll.began > worker.polled || poll.rows & !worker.known != 0 || poll.horizon > worker.cursor {
                actions.push(Action::Polls(k));
            }
        }
        if self.logs() && state.old < state.committed() {
            actions.push(Action::TimePasses);
        }
    }

    /// What may happen in Redis and on the way to it.
    pub fn of_redis(&self, state: &State, actions: &mut Vec<Action>) {
        for (w, write) in state.writes.iter().enumerate().filter(|(w, _)| state.redis.barrier & 1 << w != 0) {
            let under_way = matches!(write.step, Writing::Begun | Writing::Open | Writing::InDoubt);
            if !under_way || self.has(Plant::BarrierEndsBeforeTransaction) {
                actions.push(Action::BarrierEnds(w));
            }
        }
        actions.extend((0..state.late.len()).filter(|&i| state.late[i].is_some()).map(Action::Arrives));
        if self.loses_commands() && state.backup.is_none() && state.faults > 0 {
            actions.push(Action::BacksUp);
        }
    }
}

impl State {
    /// Whether it is a read's turn to begin.
    pub fn may_look(&self, r: usize) -> bool {
        let twin = |read: &Read| read.step == Reading::Ahead && read.worker == self.reads[r].worker;
        !self.reads[..r].iter().any(twin)
    }

    /// Whether it is a write's turn to begin.
    pub fn may_begin(&self, w: usize) -> bool {
        let twin = |write: &Write| write.step == Writing::Ahead && write.worker == self.writes[w].worker;
        !self.writes[..w].iter().any(twin)
    }
}
