//! Durations and bounds of the database's use.

use std::time::Duration;

/// How long a caller waits for a connection.
pub(super) const ACQUIRE: Duration = Duration::from_secs(2);
/// How long a connection may have been idle without being pinged before its next use.
pub(super) const IDLE: Duration = Duration::from_secs(1);
/// How long a write may take, its wait for locks included.
pub(super) const WRITE: Duration = Duration::from_secs(10);
/// How long a caller waits for a write before it asks whether the database still answers.
pub(super) const PROGRESS_CHECK: Duration = Duration::from_millis(600);
/// How long the database may take to answer a ping.
pub(super) const PING: Duration = Duration::from_millis(800);
/// How long a commit may take before its outcome counts as unknown.
pub(super) const COMMIT: Duration = Duration::from_secs(3);
/// How often a SQLite file that cannot be opened is tried, and how long to wait in between.
pub(super) const OPEN_TRIES: u32 = 20;
pub(super) const OPEN_PAUSE: Duration = Duration::from_millis(50);
/// How long a statement may take.
pub(super) const STATEMENT: Duration = Duration::from_secs(8);
/// How long a reading statement may take, its wait for a connection included.
pub(super) const READ: Duration = Duration::from_millis(1500);
