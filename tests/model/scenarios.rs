//! The explored situations: reads, writes and failures.

use super::failures::Failure;
use super::protocol::Class;

/// Additional failures of each situation; raise it for a longer run.
pub const MORE: u8 = 0;

/// A situation, small enough to be explored to its end.
#[derive(Debug, Clone, Copy)]
pub struct Scenario {
    pub name: &'static str,
    pub class: Class,
    /// Whether writes leave a log row; if not, they are made by hand and followed by the admin command that clears the key.
    pub logs: bool,
    /// The write that touches another key, if any.
    pub elsewhere: Option<usize>,
    /// The worker of each read.
    pub reads: &'static [usize],
    /// The worker of each write.
    pub writes: &'static [usize],
    pub failures: &'static [Failure],
    /// The maximum of failures in one run.
    pub budget: u8,
}

use Class::{Near, Strict};
use Failure::{
    BarrierEvicted, Cancelled, CommitUnanswered, Crashed, DatabaseUnavailable, FillTwice, Flushed, LastEvicted, LeaseEvicted,
    PollIsLate, Pruned, ReadPauses, Restored, Unanswered, Unconfirmed, ValueEvicted, WritePauses, WriteTwice,
};

const DAILY: &[Failure] = &[ReadPauses, WritePauses, PollIsLate, Cancelled];
const REDIS: &[Failure] =
    &[Unanswered, FillTwice, Unconfirmed, WriteTwice, Flushed, ValueEvicted, LeaseEvicted, BarrierEvicted, ReadPauses];
const WORKERS: &[Failure] = &[Unconfirmed, CommitUnanswered, Crashed, LastEvicted, Pruned, PollIsLate];
const SOME: &[Failure] = &[Unconfirmed, ReadPauses];

/// All of them.
pub const SCENARIOS: &[Scenario] = &[
    of("healthy", Strict, &[0, 0, 1], &[1], DAILY, 2),
    of("two writes", Strict, &[0, 0], &[0, 1], SOME, 1),
    of("Redis fails", Strict, &[0, 0, 1], &[1], REDIS, 1),
    of("Redis fails twice", Strict, &[0, 1], &[1], REDIS, 2),
    of("workers fail", Strict, &[0, 1], &[1], WORKERS, 2),
    of("a commit in doubt", Strict, &[0, 0, 1], &[1], &[CommitUnanswered, ReadPauses], 2),
    of("Redis goes back", Strict, &[0, 1], &[1], &[Restored, ReadPauses], 2),
    of("near, two writes", Near, &[0, 0], &[0, 1], SOME, 1),
    of("near, Redis fails", Near, &[0, 0, 1], &[1], REDIS, 1),
    of("near, the database fails", Near, &[0, 0], &[1], &[Unconfirmed, DatabaseUnavailable], 2),
    of("near, workers fail", Near, &[0, 0], &[1], WORKERS, 2),
    Scenario { elsewhere: Some(0), ..of("a write elsewhere", Near, &[0, 0], &[0, 1], SOME, 1) },
    Scenario { logs: false, ..of("by hand", Near, &[0, 0, 1], &[1], DAILY, 2) },
];

const fn of(
    name: &'static str,
    class: Class,
    reads: &'static [usize],
    writes: &'static [usize],
    failures: &'static [Failure],
    budget: u8,
) -> Scenario {
    Scenario { name, class, logs: true, elsewhere: None, reads, writes, failures, budget: budget + MORE }
}
