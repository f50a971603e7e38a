//! What monitoring reads of a worker.

use std::time::Duration;

use super::statistics::CountsByType;

/// What a worker can tell of itself without asking anybody, for monitoring.
#[derive(Debug, Clone)]
pub struct WorkerMetrics {
    /// The counts of every type.
    pub counts: CountsByType,
    /// Whether Redis is used at this moment; `None` when it is not part of this deployment.
    pub redis_up: Option<bool>,
    /// How long ago the change log was begun to be read for the last time.
    pub log_lag: Duration,
    /// Copies in memory, and their bytes.
    pub copies: (u64, u64),
    /// The connection pools, by what they are for.
    pub pools: Vec<Pool>,
    /// The scheduled tasks.
    pub tasks: Vec<TaskStatistics>,
}

/// What a worker's runs of one scheduled task came to.
#[derive(Debug, Clone)]
pub struct TaskStatistics {
    /// The task's name.
    pub name: &'static str,
    /// Runs that succeeded, whether or not anything was due.
    pub succeeded: u64,
    /// Runs that failed.
    pub failed: u64,
    /// Items done.
    pub done: u64,
    /// How long ago the last run that succeeded began; since the worker's start, if none has.
    pub lag: Duration,
}

/// A pool of connections to the database.
#[derive(Debug, Clone)]
pub struct Pool {
    /// What it is for.
    pub name: &'static str,
    /// Open connections.
    pub open: u32,
    /// Of these, those that nobody uses.
    pub idle: u32,
    /// How many there may be.
    pub limit: u32,
}
