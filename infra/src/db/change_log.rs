//! The port to the change log: every write leaves a row for each key that it touches, in its own transaction.

use async_trait::async_trait;
use domain::{ServiceError, Time};

/// A place in the order of changes: the transaction id on Postgres, the row id on SQLite.
pub(crate) type Position = i64;

/// A row of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    /// Identifies the row.
    pub(crate) id: i64,
    pub(crate) position: Position,
    /// The logical key.
    pub(crate) key: String,
}

/// What one statement reads from the log, all of it at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Poll {
    /// Every change below it is visible to the reader.
    pub(crate) horizon: Position,
    /// Changes below it may have been pruned.
    pub(crate) pruned_below: Position,
    pub(crate) changes: Vec<Change>,
}

/// The log, as the database keeps it.
#[async_trait]
pub(crate) trait ChangeLog: Send + Sync {
    /// The horizon at this moment, from the primary.
    async fn horizon(&self) -> Result<Position, ServiceError>;

    /// All visible changes from a position on, with the horizon, in one statement.
    async fn poll(&self, from: Position) -> Result<Poll, ServiceError>;

    /// The latest changes, at most `limit`, for a worker that starts.
    async fn recent(&self, limit: usize) -> Result<Poll, ServiceError>;

    /// Deletes the rows that are older than `before`, but never the newest row.
    async fn prune(&self, before: Time) -> Result<(), ServiceError>;
}
