//! What the model knows of the world: one key, its writes, Redis, the workers and their reads.
//!
//! A *version* counts the commits that a value reflects, so it also numbers the commits. A *position* is a transaction id, given
//! when the transaction opens: positions and versions need not come in the same order.

/// Reads there may be; also the number of fill ids, since a read asks for one lease at most.
pub const READS: usize = 3;
/// Writes there may be.
pub const WRITES: usize = 3;
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
    Begin { write: u8 },
    End { write: u8 },
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
    /// The read that leads the open flight.
    pub flight: Option<u8>,
    /// Fill ids that this worker has refused.
    pub refused: u8,
}

/// Where a read stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reading {
    /// It has not begun.
    Ahead,
    /// It looks (again).
    Looking,
    /// GET has answered; `intact` while the key's epoch is the one read before the GET; `last` if it waits for another's fill.
    Got { value: Value, intact: bool, last: bool },
    /// There was nothing that may be served; `rejected` is the fill id of what may not.
    Missed { rejected: Option<u8> },
    /// It waits for the leader of a flight.
    Joined { leader: u8 },
    /// ACQUIRE answered HIT.
    Hit { value: Value },
    /// ACQUIRE answered LEASE.
    Leased,
    /// The horizon has been read.
    Stamped { stamp: Position },
    /// The load has answered.
    Loaded { value: Value },
    /// FILL has been answered, or given up.
    Filled { value: Value, accepted: bool },
    /// ACQUIRE answered BUSY.
    Busy,
    /// It loads without filling.
    Direct,
    /// It has such a load in hand, but has not answered yet; only a planted fault looks at it.
    InHand { version: Version },
    /// It has answered, or will never.
    Over,
}

/// A read, and what it must not be older than, fixed when it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Read {
    pub worker: u8,
    pub step: Reading,
    pub owes: Owes,
}

/// Versions that an answer must reach, one for each promise.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Owes {
    /// Acknowledged before it began: to anybody (strict), by this worker (near).
    pub acknowledged: Version,
    /// Already answered to somebody before it began.
    pub seen: Version,
    /// Older than D when it began.
    pub old: Version,
}

/// Where a write stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Writing {
    /// It has not begun.
    Ahead,
    /// BEGIN was answered, or given up.
    Begun,
    /// Its transaction is open: it has a position.
    Open,
    /// Its transaction is open and nobody hears how it ends.
    InDoubt,
    /// Committed, and nobody is there to go on.
    Orphaned,
    /// Committed; `own` unless a replay found it so.
    Committed { own: bool },
    /// END or DROP was answered (`confirmed`), or given up.
    Settled { confirmed: bool },
    /// The client knows.
    Acknowledged,
    /// It never happened.
    Gone,
}

/// A write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Write {
    pub worker: u8,
    pub step: Writing,
    /// 0 before its transaction opens.
    pub position: Position,
    /// 0 before its transaction commits.
    pub version: Version,
    /// Whether its row stands in the log (and becomes visible with its commit).
    pub logged: bool,
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
    /// The first promise that was broken.
    pub broken: Option<super::promises::Promise>,
}

impl State {
    /// Whether a worker has reads to come.
    pub fn is_read_at(&self, worker: usize) -> bool {
        self.reads.iter().any(|read| usize::from(read.worker) == worker && read.step != Reading::Over)
    }

    /// Forgets what can make no difference any more.
    pub fn tidy(&mut self) {
        for worker in (0..WORKERS).filter(|&worker| !self.is_read_at(worker)).collect::<Vec<_>>() {
            self.workers[worker] = Worker::default();
        }
    }
}
