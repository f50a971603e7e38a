//! What comes of a fault.

use super::faults::Fault;
use super::protocol::{Class, Protocol};
use super::state::{Command, Redis, State};
use super::steps::{Order, Reading, Writing};

impl Protocol {
    /// It happens; tells if it did.
    pub fn fail(&self, state: &mut State, fault: Fault, target: usize) -> bool {
        state.faults -= 1;
        match fault {
            Fault::ReadPauses => {
                self.read_step(state, target);
                return state.reads[target].is_passing();
            }
            Fault::WritePauses if state.writes[target].step == Writing::Ahead && !self.follows(Order::BeginFirst) => {
                return false;
            }
            Fault::WritePauses => {
                self.write_step(state, target);
                return self.write_is_passing(state, target);
            }
            Fault::PollIsLate => state.workers[target].poll = Some(self.poll(state, target)),
            Fault::Cancelled => {
                self.disembark(state, target, None);
                state.reads[target].end();
            }
            Fault::Unheard => return self.unheard(state, target),
            Fault::FillTwice => {
                if let Reading::Loaded { value } = state.reads[target].step {
                    state.post(Command::Fill(value));
                }
                self.read(state, target);
            }
            Fault::Unconfirmed | Fault::WriteTwice if !self.sends(state, target) => return false,
            Fault::Unconfirmed => self.unconfirmed(state, target),
            Fault::WriteTwice => {
                state.post(state.writes[target].command(target));
                self.write(state, target);
            }
            Fault::CommitUnheard => self.lose_commit(state, target),
            Fault::Crashed => self.crash(state, target),
            Fault::Forgotten => self.forget(&mut state.workers[target]),
            Fault::Flushed => state.lose(Redis::default()),
            Fault::ValueEvicted => state.redis.value = None,
            Fault::LeaseEvicted => state.redis.lease = None,
            Fault::BarrierEvicted => state.lose(Redis { barrier: 0, ..state.redis }),
            Fault::Restored => state.lose(state.backup.unwrap_or_default()),
            Fault::Pruned => state.pruned = state.horizon(),
            Fault::DatabaseAway => state.down = true,
        }
        true
    }

    /// Whether a write's next step is a command.
    fn sends(&self, state: &State, w: usize) -> bool {
        state.writes[w].step != Writing::Ahead || self.class() == Class::Strict && self.follows(Order::BeginFirst)
    }

    fn crash(&self, state: &mut State, worker: usize) {
        for read in state.reads.iter_mut().filter(|read| read.worker == worker && read.step != Reading::Ahead) {
            read.end();
        }
        for write in state.writes.iter_mut().filter(|write| write.worker == worker) {
            write.step = match write.step {
                Writing::Begun | Writing::Worked => Writing::Gone,
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

    /// A command is on its way that nobody waits for.
    pub fn post(&mut self, command: Command) {
        let room = self.late.iter().position(Option::is_none);
        self.late[room.expect("each late command is a fault, and there is room for all of them")] = Some(command);
        self.late.sort_unstable();
    }
}
