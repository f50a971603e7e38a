//! What may fail: "crashes, lost, late and repeated commands, flush, eviction, restored values".
//!
//! A lost command is a late one that never arrives; a barrier or a lease that is evicted is one that expired too early.

use super::protocol::{Class, Protocol};
use super::state::{Command, Reading, Redis, State, Writing};

/// A fault. It happens to a read, a write, a worker, or to what all share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A read pauses where it would go on by itself, so that others come in between.
    ReadPauses,
    /// Likewise a write.
    WritePauses,
    /// A poll's answer is taken in late.
    PollIsLate,
    /// A flight's leader is cancelled.
    Cancelled,
    /// A read's ACQUIRE or FILL is lost or late.
    Unheard,
    FillTwice,
    /// A write's BEGIN, END or DROP is lost or late.
    Unconfirmed,
    /// A write's BEGIN, END or DROP arrives again.
    WriteTwice,
    /// The outcome of a COMMIT is unknown.
    CommitUnheard,
    /// A worker dies with all that it does, and another takes its place.
    Crashed,
    Flushed,
    ValueEvicted,
    LeaseEvicted,
    BarrierEvicted,
    /// A failover that loses commands, or a restored snapshot.
    Restored,
    /// `last` evicts the key.
    Forgotten,
    /// The log is pruned.
    Pruned,
}

impl Fault {
    /// What it may happen to now.
    pub fn targets(self, state: &State) -> Vec<usize> {
        let among = |many: usize, of: fn(&State, usize) -> bool| (0..many).filter(|&one| of(state, one)).collect();
        let reads = |of| among(state.reads.len(), of);
        let writes = |of| among(state.writes.len(), of);
        let workers = |of| among(state.workers.len(), of);
        let if_any = |any: bool| if any { vec![0] } else { Vec::new() };
        match self {
            Fault::Cancelled => reads(|state, r| state.workers.iter().any(|worker| worker.flight.map(usize::from) == Some(r))),
            Fault::FillTwice => reads(|state, r| matches!(state.reads[r].step, Reading::Loaded { .. })),
            Fault::ReadPauses | Fault::Unheard => reads(|state, r| match state.reads[r].step {
                Reading::Ahead => state.may_look(r),
                step => !matches!(step, Reading::Joined { .. } | Reading::Over),
            }),
            Fault::WritePauses => writes(|state, w| match state.writes[w].step {
                Writing::Ahead => state.may_begin(w),
                step => matches!(step, Writing::Begun | Writing::Committed { .. }),
            }),
            Fault::Unconfirmed | Fault::WriteTwice => writes(|state, w| match state.writes[w].step {
                Writing::Ahead => state.may_begin(w),
                step => matches!(step, Writing::Committed { .. }),
            }),
            Fault::CommitUnheard => writes(|state, w| state.writes[w].step == Writing::Open),
            Fault::Crashed => workers(|_, _| true),
            Fault::PollIsLate => workers(|state, k| state.is_read_at(k) && state.workers[k].poll.is_none()),
            Fault::Forgotten => workers(|state, k| state.workers[k].last > 0),
            Fault::Flushed => if_any(state.redis != Redis::default()),
            Fault::ValueEvicted => if_any(state.redis.value.is_some()),
            Fault::LeaseEvicted => if_any(state.redis.lease.is_some()),
            Fault::BarrierEvicted => if_any(state.redis.barrier != 0),
            Fault::Restored => if_any(state.backup.is_some_and(|backup| backup != state.redis)),
            Fault::Pruned => if_any(state.rows(..state.horizon()) != 0),
        }
    }
}

impl Protocol {
    /// It happens; tells if it did.
    pub fn fail(&self, state: &mut State, fault: Fault, target: usize) -> bool {
        state.faults -= 1;
        match fault {
            Fault::ReadPauses => {
                self.read_step(state, target);
                return state.reads[target].is_passing();
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
        }
        true
    }

    /// Whether a write's next step is a command.
    fn sends(&self, state: &State, w: usize) -> bool {
        state.writes[w].step != Writing::Ahead || self.class() == Class::Strict
    }

    fn crash(&self, state: &mut State, worker: usize) {
        for read in state.reads.iter_mut().filter(|read| usize::from(read.worker) == worker && read.step != Reading::Ahead) {
            read.end();
        }
        for write in state.writes.iter_mut().filter(|write| usize::from(write.worker) == worker) {
            write.step = match write.step {
                Writing::Begun => Writing::Gone,
                Writing::Open => Writing::InDoubt,
                Writing::Committed { .. } | Writing::Settled { .. } => Writing::Orphaned,
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
