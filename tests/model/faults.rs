//! What may fail: "crashes, lost, late and repeated commands, flush, eviction, restored values".
//!
//! A lost command is a late one that never arrives; a barrier or a lease that is evicted is one that expired too early.

use super::state::{Redis, State};
use super::steps::{Reading, Writing};

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
    /// The database does not answer any more, and D passes.
    DatabaseAway,
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
                step => matches!(step, Writing::Worked | Writing::Committed { .. }),
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
            Fault::DatabaseAway => if_any(!state.down),
        }
    }
}
