//! A row of the table of jobs, and what really happened to the job.

use super::state::Worker;

/// How many attempts of a job may fail.
pub const MAX_ATTEMPTS: u8 = 2;
/// The loss with which a job is poison.
pub const POISON: u8 = 3;

/// What kind of job it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    Ordinary,
    /// All jobs of this kind have the same serial key.
    Serial,
    /// All jobs of this kind are enqueued with the same de-duplication key.
    Deduplicated,
    /// Each run kills its worker.
    Killer,
}

/// The state of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// It is not committed.
    Absent,
    Scheduled,
    Queued,
    Running,
    Succeeded,
    Failed,
    Canceled,
    /// It was deleted after its end.
    Purged,
}

impl Status {
    pub fn is_open(self) -> bool {
        matches!(self, Self::Scheduled | Self::Queued | Self::Running)
    }

    pub fn has_ended(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Canceled)
    }
}

/// How a claim is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    Succeeded,
    Failed,
    Canceled,
    HandedBack,
    Lost,
}

/// What happened, whatever the row says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct History {
    /// How often the effect was committed.
    pub effects: u8,
    /// A bit for each fence that was settled.
    pub attempts: u8,
    /// Whether the last claim reached its worker.
    pub received: bool,
    pub failed: u8,
    pub lost: u8,
    /// The last committed change when the last run began: what the run has read.
    pub read: u8,
    /// The last change that was enqueued with this job.
    pub promised: u8,
}

/// A row, with its history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Job {
    pub kind: Kind,
    pub status: Status,
    /// The worker of the last claim. Cleared when the job is to run again.
    pub owner: Option<Worker>,
    pub fence: u8,
    pub failures: u8,
    pub losses: u8,
    /// Whether it has its de-duplication key.
    pub has_key: bool,
    /// Whether it is in the queue `isolation`.
    pub isolated: bool,
    pub cancel_requested: bool,
    pub history: History,
}

impl Job {
    /// A job that was enqueued before, or one that may be enqueued.
    pub fn new(kind: Kind) -> Self {
        let status = if kind == Kind::Deduplicated { Status::Absent } else { Status::Scheduled };
        Self {
            kind,
            status,
            owner: None,
            fence: 0,
            failures: 0,
            losses: 0,
            has_key: false,
            isolated: false,
            cancel_requested: false,
            history: History::default(),
        }
    }

    /// Inserts the row of the attempt. Returns `false` if the fence was settled before.
    pub fn record_attempt(&mut self, fence: u8) -> bool {
        let is_new = self.history.attempts & 1 << fence == 0;
        self.history.attempts |= 1 << fence;
        is_new
    }

    /// Whether each claim up to now was settled.
    pub fn is_settled(&self) -> bool {
        (1..=self.fence).all(|fence| self.history.attempts & 1 << fence != 0)
    }
}
