//! The failures: "crashes, lost, late and repeated commands, flush, eviction, restored values".
//!
//! A lost command is a late one that never arrives; an evicted barrier or lease is one that expired too early.

use super::state::{Redis, State};
use super::steps::{Reading, Writing};

/// A failure of a read, a write, a worker, or of the shared parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// A read pauses between two steps that it otherwise takes together.
    ReadPauses,
    /// A write pauses in the same way.
    WritePauses,
    /// The result of a poll is applied late.
    PollIsLate,
    /// The leader of a single flight is cancelled.
    Cancelled,
    /// A read's ACQUIRE or FILL is lost or late.
    Unanswered,
    FillTwice,
    /// A write's BEGIN, END or DROP is lost or late.
    Unconfirmed,
    /// A write's BEGIN, END or DROP arrives again.
    WriteTwice,
    /// The outcome of a COMMIT is unknown.
    CommitUnanswered,
    /// A worker dies with all its work; another one starts.
    Crashed,
    Flushed,
    ValueEvicted,
    LeaseEvicted,
    BarrierEvicted,
    /// A failover that loses commands, or a restored snapshot.
    Restored,
    /// `last` evicts the key.
    LastEvicted,
    /// The log is pruned.
    Pruned,
    /// The database is unavailable for longer than D.
    DatabaseUnavailable,
}

impl Failure {
    /// The indices that it may affect now.
    pub fn targets(self, state: &State) -> Vec<usize> {
        let among = |many: usize, of: fn(&State, usize) -> bool| (0..many).filter(|&one| of(state, one)).collect();
        let reads = |of| among(state.reads.len(), of);
        let writes = |of| among(state.writes.len(), of);
        let workers = |of| among(state.workers.len(), of);
        let if_any = |any: bool| if any { vec![0] } else { Vec::new() };
        match self {
            Failure::Cancelled => {
                reads(|state, r| state.workers.iter().any(|worker| worker.in_flight.map(usize::from) == Some(r)))
            }
            Failure::FillTwice => reads(|state, r| matches!(state.reads[r].step, Reading::Loaded { .. })),
            Failure::ReadPauses | Failure::Unanswered => reads(|state, r| match state.reads[r].step {
                Reading::NotBegun => state.may_read(r),
                step => !matches!(step, Reading::Joined { .. } | Reading::Done),
            }),
            Failure::WritePauses => writes(|state, w| match state.writes[w].step {
                Writing::NotBegun => state.may_begin(w),
                step => matches!(step, Writing::Begun | Writing::Committed { .. }),
            }),
            Failure::Unconfirmed | Failure::WriteTwice => writes(|state, w| match state.writes[w].step {
                Writing::NotBegun => state.may_begin(w),
                step => matches!(step, Writing::Worked | Writing::Committed { .. }),
            }),
            Failure::CommitUnanswered => writes(|state, w| state.writes[w].step == Writing::Open),
            Failure::Crashed => workers(|_, _| true),
            Failure::PollIsLate => workers(|state, k| state.is_read_at(k) && state.workers[k].poll.is_none()),
            Failure::LastEvicted => workers(|state, k| state.workers[k].last > 0),
            Failure::Flushed => if_any(state.redis != Redis::default()),
            Failure::ValueEvicted => if_any(state.redis.value.is_some()),
            Failure::LeaseEvicted => if_any(state.redis.lease.is_some()),
            Failure::BarrierEvicted => if_any(state.redis.barrier != 0),
            Failure::Restored => if_any(state.backup.is_some_and(|backup| backup != state.redis)),
            Failure::Pruned => if_any(state.rows(..state.horizon()) != 0),
            Failure::DatabaseUnavailable => if_any(!state.down),
        }
    }
}
