//! Where reads and writes stand.

use super::state::{Position, Value, Version};

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
    pub worker: usize,
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
    /// BEGIN was answered, or given up, and the transaction is not open.
    Begun,
    /// Its transaction is open and has done its work, and BEGIN is still to be sent.
    Worked,
    /// Its transaction is open: it has a position, and nothing but COMMIT is to come.
    Open,
    /// Its transaction is open and nobody hears how it ends.
    InDoubt,
    /// Committed, and nobody is there to go on.
    Orphaned,
    /// Committed before BEGIN was sent; only a planted fault leads here.
    Unbarred,
    /// Committed; `own` unless a replay found it so.
    Committed { own: bool },
    /// END or DROP was answered (`confirmed`), or given up.
    Settled { confirmed: bool },
    /// The client knows.
    Acknowledged,
    /// It never happened.
    Gone,
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
    /// Whether its row stands in the log (and becomes visible with its commit).
    pub logged: bool,
}

impl Read {
    /// Whether it goes on by itself; only a read that pauses is met here.
    pub fn is_passing(&self) -> bool {
        use Reading::{Direct, Filled, Got, Hit, Missed, Stamped};
        matches!(self.step, Got { .. } | Missed { .. } | Hit { .. } | Stamped { .. } | Filled { .. } | Direct)
    }

    /// It is over; nothing of it is left to tell states apart.
    pub fn end(&mut self) {
        self.step = Reading::Over;
        self.owes = Owes::default();
    }
}
