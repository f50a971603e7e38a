//! Intervals and time-outs of the beats.

use std::time::Duration;

/// The interval between beats.
pub(super) const INTERVAL: Duration = Duration::from_millis(500);
/// The longest span between two rounds of an observer that still counts as uninterrupted: an interval and as much tolerance.
pub(super) const MAX_GAP: Duration = Duration::from_secs(1);
/// How long a beat must stand still before its worker is gone.
pub(super) const GONE: Duration = Duration::from_secs(6);
/// How long after the beginning of a confirmed beat a worker may rely on being counted. Less than [`GONE`] by more than clocks drift.
pub(super) const COUNTED: Duration = Duration::from_secs(5);
/// Time-out of a round: a beat, and a read of the table.
pub(super) const ROUND: Duration = Duration::from_secs(1);
/// How long a start tries to register while the database is busy, and the pause between attempts.
pub(super) const REGISTRATION: (Duration, Duration) = (Duration::from_secs(8), Duration::from_millis(50));
/// Time-out of the deletion of a worker's own row at its end.
pub(super) const DELETION: Duration = Duration::from_millis(500);
/// The pause between reads of the servers with another secret.
pub(super) const WATCH_PAUSE: Duration = Duration::from_millis(100);
/// How long a start waits for the end of a server with another secret, whose beat may neither go on nor be seen to stand still.
pub(super) const AGREEMENT: Duration = Duration::from_secs(15);
/// How long a start waits for the servers on a Redis to give it back the identity that it lost. They do so each second.
pub(super) const IDENTITY_LOST: Duration = Duration::from_secs(3);
