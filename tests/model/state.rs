//! The state of the model: one key, its writes, Redis, the workers and their reads.
//!
//! A *version* counts the commits that a value reflects, so it also numbers the commits. A *position* is a transaction id, given
//! when the transaction opens: positions and versions need not come in the same order.

use super::promises::Promise;
use super::steps::{Read, Reading, Write};

/// The maximum of reads; also the number of fill ids, since a read asks for one lease at most.
pub const READS: usize = 3;
/// The maximum of writes.
pub const WRITES: usize = 2;
/// The number of workers.
pub const WORKERS: usize = 2;
/// The fill id of the initial value.
pub const EARLIER: u8 = 7;
/// The maximum of late commands to Redis.
pub const LATE: usize = 3;

pub type Version = u8;
pub type Position = u8;

/// A cached value: "header (…, fill id, …, stamp, …) + payload".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Value {
    pub version: Version,
    pub stamp: Position,
    /// The fill id, which is also the lease's token.
    pub id: u8,
}

/// The fill id of a read's lease, which also names the single flight that it leads.
pub fn id(r: usize) -> u8 {
    u8::try_from(r).unwrap_or(EARLIER)
}

/// What Redis keeps for the key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Redis {
    pub value: Option<Value>,
    pub lease: Option<u8>,
    /// The barrier's members, a bit for each write.
    pub barrier: u8,
}

/// A command that its sender gave up, or one that arrives a second time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Command {
    Acquire { id: u8, rejected: Option<u8> },
    Fill(Value),
    Begin { write: usize },
    End { write: usize },
    Drop,
}

/// The result of a poll of the log, not applied yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Poll {
    /// The visible rows, a bit for each write.
    pub rows: u8,
    pub horizon: Position,
    pub pruned: Position,
    /// The number of commits when it began.
    pub began: Version,
}

/// The knowledge of one worker.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Worker {
    /// `last[key].position`, 0 when nothing is known.
    pub last: Position,
    pub floor: Position,
    pub cursor: Position,
    /// Rows that a poll has returned already.
    pub known: u8,
    /// The number of commits when its last applied poll began, which is the time of that beginning in the model.
    pub polled: Version,
    pub poll: Option<Poll>,
    /// The in-process copy.
    pub copy: Option<Value>,
    /// The leader of the single flight that admits joiners.
    pub in_flight: Option<u8>,
    /// Fill ids that this worker has refused.
    pub refused: u8,
}

/// The whole state.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct State {
    pub writes: [Write; WRITES],
    pub reads: [Read; READS],
    pub workers: [Worker; WORKERS],
    pub redis: Redis,
    /// An earlier state of Redis that may be restored.
    pub backup: Option<Redis>,
    pub late: [Option<Command>; LATE],
    /// Rows below it have been pruned from the log.
    pub pruned: Position,
    /// How many commits are older than D.
    pub old: Version,
    /// The newest version that any read has answered.
    pub newest_response: Version,
    /// Whether every write so far stood behind a confirmed barrier that Redis has not lost.
    pub barred: bool,
    /// The remaining failures.
    pub failures: u8,
    /// The database has been unavailable for longer than D.
    pub down: bool,
    /// The first promise that was broken.
    pub broken: Option<Promise>,
}

impl State {
    /// Whether a worker has reads to come.
    pub fn is_read_at(&self, worker: usize) -> bool {
        self.reads.iter().any(|read| read.worker == worker && read.step != Reading::Done)
    }

    /// Removes what cannot matter any more.
    pub fn normalise(&mut self) {
        for worker in (0..WORKERS).filter(|&worker| !self.is_read_at(worker)).collect::<Vec<_>>() {
            self.workers[worker] = Worker::default();
        }
    }
}
