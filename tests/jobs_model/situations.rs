//! The situations: which jobs there are, and what may happen to them.

use super::job::Kind;
use super::job::Kind::{Deduplicated, Killer, Ordinary, Serial};

/// How often each event from outside may still happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Budget {
    /// A business transaction changes the data and enqueues a job.
    pub changes: u8,
    pub cancellations: u8,
    pub kills: u8,
    /// A living worker is found gone by mistake.
    pub mistakes: u8,
    /// A process stops to wait for the response of the database.
    pub time_outs: u8,
    pub terminations: u8,
}

/// Nothing from outside.
const NONE: Budget = Budget { changes: 0, cancellations: 0, kills: 0, mistakes: 0, time_outs: 0, terminations: 0 };

/// A situation.
#[derive(Debug, Clone, Copy)]
pub struct Situation {
    pub name: &'static str,
    pub jobs: &'static [Kind],
    pub processes: usize,
    /// Jobs that a worker runs at once, apart from one of the queue `isolation`.
    pub slots: usize,
    /// Whether attempts may fail.
    pub fails: bool,
    /// Whether ended jobs are purged.
    pub purges: bool,
    pub budget: Budget,
}

/// A job that may fail, be canceled, and be purged.
pub const CALM: Situation = Situation {
    name: "calm",
    jobs: &[Ordinary],
    processes: 2,
    slots: 1,
    fails: true,
    purges: true,
    budget: Budget { cancellations: 1, ..NONE },
};
/// Two jobs with the same serial key.
pub const SERIAL_KEYS: Situation = Situation {
    name: "serial keys",
    jobs: &[Serial, Serial],
    purges: false,
    budget: Budget { cancellations: 1, kills: 1, ..NONE },
    ..CALM
};
/// Changes that are enqueued with the same de-duplication key.
pub const CHANGES: Situation = Situation {
    name: "changes",
    jobs: &[Deduplicated, Deduplicated, Deduplicated],
    purges: false,
    budget: Budget { changes: 3, cancellations: 1, ..NONE },
    ..CALM
};
/// Workers that are killed.
pub const KILLS: Situation = Situation { name: "kills", purges: false, budget: Budget { kills: 3, ..NONE }, ..CALM };
/// A job that kills its workers, and another.
pub const KILLER: Situation =
    Situation { name: "a killer", jobs: &[Killer, Ordinary], slots: 2, fails: false, purges: false, budget: NONE, ..CALM };
/// Workers that are found gone by mistake.
pub const MISTAKES: Situation = Situation {
    name: "mistakes",
    jobs: &[Ordinary, Ordinary],
    fails: false,
    purges: false,
    budget: Budget { mistakes: 2, cancellations: 1, ..NONE },
    ..CALM
};
/// Transactions whose outcome remains unknown.
pub const TIME_OUTS: Situation =
    Situation { name: "time-outs", slots: 2, budget: Budget { mistakes: 1, time_outs: 2, cancellations: 1, ..NONE }, ..CALM };
/// Processes that get SIGTERM.
pub const TERMINATIONS: Situation = Situation {
    name: "terminations",
    jobs: &[Ordinary, Ordinary],
    purges: false,
    budget: Budget { terminations: 1, time_outs: 1, cancellations: 1, ..NONE },
    ..CALM
};

/// Every situation.
pub const ALL: &[Situation] = &[CALM, SERIAL_KEYS, CHANGES, KILLS, KILLER, MISTAKES, TIME_OUTS, TERMINATIONS];
