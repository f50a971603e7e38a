//! The port to the change log. Every write appends a row for each key that it touches, in its own transaction.

use async_trait::async_trait;
use domain::{ServiceError, Time};

/// A position in the order of changes: the transaction id on Postgres, the row id on SQLite.
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

/// The rows and positions that one statement reads from the log, in one snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Poll {
    /// Every change below it is visible to the reader.
    pub(crate) horizon: Position,
    /// Changes below it may have been pruned.
    pub(crate) pruned_below: Position,
    pub(crate) changes: Vec<Change>,
}

/// The change log of the database.
#[async_trait]
pub(crate) trait ChangeLog: Send + Sync {
    /// The current horizon, from the primary.
    async fn horizon(&self) -> Result<Position, ServiceError>;

    /// All visible changes at or above a position, with the horizon, in one statement.
    async fn poll(&self, from: Position) -> Result<Poll, ServiceError>;

    /// The latest changes, at most `limit`, for the start of a worker.
    async fn recent(&self, limit: usize) -> Result<Poll, ServiceError>;

    /// Deletes the rows that are older than `before`, but never the newest row.
    async fn prune(&self, before: Time) -> Result<(), ServiceError>;
}
