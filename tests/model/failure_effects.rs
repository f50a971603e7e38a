//! The effects of failures.

use super::failures::Failure;
use super::protocol::{Class, Protocol};
use super::state::{Command, Redis, State};
use super::steps::{Order, Reading, Writing};

impl Protocol {
    /// Applies a failure; returns whether it was possible.
    pub fn fail(&self, state: &mut State, failure: Failure, target: usize) -> bool {
        state.failures -= 1;
        match failure {
            Failure::ReadPauses => {
                self.read_step(state, target);
                return state.reads[target].is_passing();
            }
            Failure::WritePauses if state.writes[target].step == Writing::NotBegun && !self.follows(Order::BeginFirst) => {
                return false;
            }
            Failure::WritePauses => {
                self.write_step(state, target);
                return self.write_is_passing(state, target);
            }
            Failure::PollIsLate => state.workers[target].poll = Some(self.poll(state, target)),
            Failure::Cancelled => {
                self.release_followers(state, target, None);
                state.reads[target].end();
            }
            Failure::Unanswered => return self.unanswered(state, target),
            Failure::FillTwice => {
                if let Reading::Loaded { value } = state.reads[target].step {
                    state.send_late(Command::Fill(value));
                }
                self.read(state, target);
            }
            Failure::Unconfirmed | Failure::WriteTwice if !self.sends(state, target) => return false,
            Failure::Unconfirmed => self.unconfirmed(state, target),
            Failure::WriteTwice => {
                state.send_late(state.writes[target].command(target));
                self.write(state, target);
            }
            Failure::CommitUnanswered => self.lose_commit(state, target),
            Failure::Crashed => self.crash(state, target),
            Failure::LastEvicted => self.evict_last(&mut state.workers[target]),
            Failure::Flushed => state.lose(Redis::default()),
            Failure::ValueEvicted => state.redis.value = None,
            Failure::LeaseEvicted => state.redis.lease = None,
            Failure::BarrierEvicted => state.lose(Redis { barrier: 0, ..state.redis }),
            Failure::Restored => state.lose(state.backup.unwrap_or_default()),
            Failure::Pruned => state.pruned = state.horizon(),
            Failure::DatabaseUnavailable => state.down = true,
        }
        true
    }

    /// Whether a write's next step is a command.
    fn sends(&self, state: &State, w: usize) -> bool {
        state.writes[w].step != Writing::NotBegun || self.class() == Class::Strict && self.follows(Order::BeginFirst)
    }

    fn crash(&self, state: &mut State, worker: usize) {
        for read in state.reads.iter_mut().filter(|read| read.worker == worker && read.step != Reading::NotBegun) {
            read.end();
        }
        for write in state.writes.iter_mut().filter(|write| write.worker == worker) {
            write.step = match write.step {
                Writing::Begun | Writing::Worked => Writing::Aborted,
                Writing::Open => Writing::InDoubt,
                Writing::Unbarred | Writing::Committed { .. } | Writing::Settled { .. } => Writing::Orphaned,
                step => step,
            };
        }
        self.start(state, worker);
    }
}

impl State {
    /// Redis loses what a confirmed BEGIN relied on.
    fn lose(&mut self, left: Redis) {
        self.redis = left;
        self.barred = false;
    }

    /// Adds a command whose sender does not wait for it.
    pub fn send_late(&mut self, command: Command) {
        let room = self.late.iter().position(Option::is_none);
        self.late[room.expect("each late command is a failure, and there is room for all of them")] = Some(command);
        self.late.sort_unstable();
    }
}
