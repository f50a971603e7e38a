//! What the model knows of the world: one key, its writes, Redis, the workers and their reads.
//!
//! A *version* counts the commits that a value reflects, so it also numbers the commits. A *position* is a transaction id, given
//! when the transaction opens: positions and versions need not come in the same order.

use super::promises::Promise;
use super::steps::{Read, Reading, Write};

/// Reads there may be; also the number of fill ids, since a read asks for one lease at most.
pub const READS: usize = 3;
/// Writes there may be.
pub const WRITES: usize = 2;
/// Workers.
pub const WORKERS: usize = 2;
/// The fill id of a value that was there before anything happened.
pub const EARLIER: u8 = 7;
/// Commands that may be on their way to Redis while nobody waits for them any more.
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

/// The fill id of a read's lease, which also names the flight that it leads.
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

/// One answer of the log to a worker's poll, on its way to being applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Poll {
    /// The visible rows, a bit for each write.
    pub rows: u8,
    pub horizon: Position,
    pub pruned: Position,
    /// How many commits there had been when it began.
    pub began: Version,
}

/// What one worker knows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Worker {
    /// `last[key].position`, 0 when nothing is known.
    pub last: Position,
    pub floor: Position,
    pub cursor: Position,
    /// Rows that a poll has brought already.
    pub known: u8,
    /// How many commits there had been when its last applied poll began: in the model, the time of that beginning.
    pub polled: Version,
    pub poll: Option<Poll>,
    /// The in-process copy.
    pub copy: Option<Value>,
    /// The flight that admits joiners.
    pub flight: Option<u8>,
    /// Fill ids that this worker has refused.
    pub refused: u8,
}

/// Everything.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct State {
    pub writes: [Write; WRITES],
    pub reads: [Read; READS],
    pub workers: [Worker; WORKERS],
    pub redis: Redis,
    /// An earlier state of Redis that may come back.
    pub backup: Option<Redis>,
    pub late: [Option<Command>; LATE],
    /// Rows below it have been pruned from the log.
    pub pruned: Position,
    /// How many commits are older than D.
    pub old: Version,
    /// The newest version that any read has answered.
    pub seen: Version,
    /// Whether every write so far stood behind a confirmed barrier that Redis has not lost.
    pub barred: bool,
    /// Faults that may still happen.
    pub faults: u8,
    /// The database has been away for longer than D.
    pub down: bool,
    /// The first promise that was broken.
    pub broken: Option<Promise>,
}

impl State {
    /// Whether a worker has reads to come.
    pub fn is_read_at(&self, worker: usize) -> bool {
        self.reads.iter().any(|read| read.worker == worker && read.step != Reading::Over)
    }

    /// Forgets what can make no difference any more.
    pub fn tidy(&mut self) {
        for worker in (0..WORKERS).filter(|&worker| !self.is_read_at(worker)).collect::<Vec<_>>() {
            self.workers[worker] = Worker::default();
        }
    }
}
