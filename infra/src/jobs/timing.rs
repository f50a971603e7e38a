//! Intervals and limits of the scheduled tasks and of the jobs.

use std::time::Duration;

/// The pause after a run of a task that found nothing due.
const PAUSE: Duration = Duration::from_secs(1);
/// The maximum relative deviation of a pause, so that servers that started together do not run tasks together.
const JITTER: f64 = 0.2;
/// The maximum number of items that a task processes in one transaction.
pub(super) const BATCH: u64 = 500;
/// The number of rounds of all tasks after which due items count as a bug.
pub(super) const MAX_ROUNDS: usize = 100_000;
/// The longest time after which a worker looks for queued jobs, if no hint wakes it.
pub(super) const POLL: Duration = Duration::from_millis(500);
/// The interval in which a worker compares its claims with the database.
pub(super) const REVIEW: Duration = Duration::from_secs(1);
/// Of this many claims, one at random takes the oldest jobs, so that none waits for ever behind others of higher priority.
pub(super) const BY_AGE: u32 = 8;
/// How long running jobs may go on when their worker stops.
pub(super) const GRACE: Duration = Duration::from_secs(5);
/// The pause before a settlement is repeated.
pub(super) const SETTLE_PAUSE: Duration = Duration::from_millis(200);
/// How long a move of the test clock waits for the jobs that became due.
pub(super) const DRAIN: Duration = Duration::from_secs(30);
/// The pause between looks at jobs that are waited for.
pub(super) const LOOK: Duration = Duration::from_millis(20);

/// The next pause, with jitter.
pub(super) fn pause() -> Duration {
    PAUSE.mul_f64(rand::random_range(1.0 - JITTER..=1.0 + JITTER))
}
