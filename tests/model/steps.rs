//! The steps of reads and writes.

use super::state::{Position, Value, Version};

/// The step of a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reading {
    /// It has not begun.
    NotBegun,
    /// It looks up (again).
    LookingUp,
    /// GET has answered; `intact` while the key's epoch is the one read before the GET; `last` if it waits for another's fill.
    Got { value: Value, intact: bool, last: bool },
    /// Nothing may be served; `rejected` is the fill id of a refused value.
    Missed { rejected: Option<u8> },
    /// It waits for the leader of a single flight.
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
    /// It has loaded without filling and has not responded yet; only a planted fault uses it.
    LoadedDirectly { version: Version },
    /// It has responded, or never will.
    Done,
}

/// A read, with its requirements, which are fixed when it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Read {
    pub worker: usize,
    pub step: Reading,
    pub requirements: Requirements,
}

/// Minimum versions of the response, one for each promise.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Requirements {
    /// Acknowledged before it began: by any worker (strict), by this worker (near).
    pub acknowledged: Version,
    /// The newest version in any response before it began.
    pub newest_response: Version,
    /// Older than D when it began.
    pub old: Version,
}

/// The step of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Writing {
    /// It has not begun.
    NotBegun,
    /// BEGIN was answered, or given up, and the transaction is not open.
    Begun,
    /// Its transaction is open and has done its work, and BEGIN is still to be sent.
    Worked,
    /// Its transaction is open: it has a position, and nothing but COMMIT is to come.
    Open,
    /// Its transaction is open and its outcome will not be known.
    InDoubt,
    /// Committed, and its worker is gone.
    Orphaned,
    /// Committed before BEGIN was sent; only a planted fault leads here.
    Unbarred,
    /// Committed; `own` unless a replay found it so.
    Committed { own: bool },
    /// END or DROP was answered (`confirmed`), or given up.
    Settled { confirmed: bool },
    /// The client has the acknowledgement.
    Acknowledged,
    /// It was rolled back.
    Aborted,
}

/// When a strict write sends BEGIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Before its transaction opens (`write`).
    BeginFirst,
    /// In its transaction, after the work (`write_naming`).
    WorkFirst,
}

/// A write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Write {
    pub worker: usize,
    pub step: Writing,
    /// 0 before its transaction opens.
    pub position: Position,
    /// 0 before its transaction commits.
    pub version: Version,
    /// Whether its row is in the log (and becomes visible with its commit).
    pub logged: bool,
}

impl Read {
    /// Whether it takes its next step without waiting.
    pub fn is_passing(&self) -> bool {
        use Reading::{Direct, Filled, Got, Hit, Missed, Stamped};
        matches!(self.step, Got { .. } | Missed { .. } | Hit { .. } | Stamped { .. } | Filled { .. } | Direct)
    }

    /// Ends it and removes what would distinguish states.
    pub fn end(&mut self) {
        self.step = Reading::Done;
        self.requirements = Requirements::default();
    }
}
