//! Metrics of a worker for monitoring.

use std::time::Duration;

use super::statistics::CountsByType;

/// The metrics of a worker, read from its own memory without any request.
#[derive(Debug, Clone)]
pub struct WorkerMetrics {
    /// Event counts of every cached type.
    pub counts: CountsByType,
    /// Whether Redis is in use; `None` in a deployment without Redis.
    pub redis_up: Option<bool>,
    /// Time since the start of the last read of the change log.
    pub log_lag: Duration,
    /// Number of values in memory, and their size in bytes.
    pub copies: (u64, u64),
    /// The connection pools, one per purpose.
    pub pools: Vec<Pool>,
    /// The scheduled tasks.
    pub tasks: Vec<TaskStatistics>,
    /// The attempts of jobs, by kind and outcome.
    pub jobs: Vec<JobStatistics>,
    /// The limits of requests.
    pub limits: LimitMetrics,
}

/// Metrics of the limits.
#[derive(Debug, Clone, Copy, Default)]
pub struct LimitMetrics {
    /// Decided requests.
    pub requests: LimitedRequests,
    /// Whether the server decides alone because Redis is not in use; `None` in a deployment without Redis.
    pub is_alone: Option<bool>,
    /// Limits of subjects in the server's memory.
    pub subjects: u64,
    /// Passwords that are being hashed or wait.
    pub passwords_queued: u64,
    /// Passwords that were refused because the queue was full.
    pub passwords_refused: u64,
    /// Attempts on an account that were refused.
    pub attempts_refused: u64,
}

/// Requests by the way in which they were decided.
#[derive(Debug, Clone, Copy, Default)]
pub struct LimitedRequests {
    /// Admitted from requests that the server took ahead.
    pub leased: u64,
    /// Admitted by the shared limits.
    pub shared: u64,
    /// Admitted by the server alone.
    pub local: u64,
    /// Refused.
    pub refused: u64,
}

/// Statistics of a worker's runs of one scheduled task.
#[derive(Debug, Clone)]
pub struct TaskStatistics {
    /// The task's name.
    pub name: &'static str,
    /// Runs that succeeded, including runs that found no work.
    pub succeeded: u64,
    /// Runs that failed.
    pub failed: u64,
    /// Items processed.
    pub done: u64,
    /// Time since the start of the last successful run; without one, since the worker's start.
    pub lag: Duration,
}

/// Statistics of a worker's attempts of the jobs of one kind that ended in one way.
#[derive(Debug, Clone)]
pub struct JobStatistics {
    /// The kind.
    pub kind: String,
    /// How the attempts ended.
    pub outcome: &'static str,
    /// Number of attempts.
    pub attempts: u64,
    /// How long after their time the attempts began, in all.
    pub delay: Duration,
    /// How long they took, in all.
    pub duration: Duration,
}

/// A pool of connections to the database.
#[derive(Debug, Clone)]
pub struct Pool {
    /// The pool's purpose.
    pub name: &'static str,
    /// Open connections.
    pub open: u32,
    /// Open connections that are idle.
    pub idle: u32,
    /// Maximum number of connections.
    pub limit: u32,
}
