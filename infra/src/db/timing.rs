//! Time-outs and limits of the database.

use std::time::Duration;

/// Time-out of the wait for a connection.
pub(super) const ACQUIRE: Duration = Duration::from_secs(2);
/// The idle time after which a connection is pinged before its next use.
pub(super) const IDLE: Duration = Duration::from_secs(1);
/// Time-out of a write, including its wait for locks.
pub(super) const WRITE: Duration = Duration::from_secs(10);
/// How long a caller waits for a write before it checks that the database still answers.
pub(super) const PROGRESS_CHECK: Duration = Duration::from_millis(600);
/// Time-out of a ping.
pub(super) const PING: Duration = Duration::from_millis(800);
/// Time-out of a commit, after which its outcome is unknown.
pub(super) const COMMIT: Duration = Duration::from_secs(3);
/// The number of attempts to open a SQLite file.
pub(super) const OPEN_TRIES: u32 = 20;
/// The pause between these attempts.
pub(super) const OPEN_PAUSE: Duration = Duration::from_millis(50);
/// Time-out of a statement.
pub(super) const STATEMENT: Duration = Duration::from_secs(8);
/// Time-out of a read statement, including its wait for a connection.
pub(super) const READ: Duration = Duration::from_millis(1500);
/// Time-out of a statement of the beats, including its wait for locks.
pub(super) const BEAT: Duration = Duration::from_millis(400);
/// The greatest D that a worker can have: twice the longest interval of the tail that the settings allow.
pub(crate) const LONGEST_D: Duration = Duration::from_secs(20);
