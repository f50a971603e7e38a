//! Intervals and limits of the scheduler.

use std::time::Duration;

/// The pause after a run that found nothing due.
const PAUSE: Duration = Duration::from_secs(1);
/// The maximum relative deviation of a pause, so that servers that started together do not run tasks together.
const JITTER: f64 = 0.2;
/// The maximum number of items that a task processes in one transaction.
pub(super) const BATCH: u64 = 500;
/// The number of rounds of all tasks after which due items count as a bug.
pub(super) const MAX_ROUNDS: usize = 100_000;

/// The next pause, with jitter.
pub(super) fn pause() -> Duration {
    PAUSE.mul_f64(rand::random_range(1.0 - JITTER..=1.0 + JITTER))
}
