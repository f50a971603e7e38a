//! Durations and bounds of the scheduler.

use std::time::Duration;

/// How long a task rests when nothing is due.
const REST: Duration = Duration::from_secs(1);
/// By how much a rest may differ, so that servers which started together do not run together.
const JITTER: f64 = 0.2;
/// How many things a task does in one transaction at most.
pub(super) const BATCH: u64 = 500;
/// After how many rounds of all tasks it is a bug that something is still due.
pub(super) const ROUNDS: usize = 100_000;

/// The next rest.
pub(super) fn rest() -> Duration {
    REST.mul_f64(rand::random_range(1.0 - JITTER..=1.0 + JITTER))
}
