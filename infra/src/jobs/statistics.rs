//! Counts of the jobs that this process has run.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::TimeDelta;
use domain::ops::JobStatistics;
use parking_lot::Mutex;

/// Counts by kind and outcome.
#[derive(Default)]
pub(super) struct Counts(Mutex<BTreeMap<(String, &'static str), Sums>>);

#[derive(Clone, Copy, Default)]
struct Sums {
    attempts: u64,
    delay: Duration,
    duration: Duration,
}

impl Counts {
    /// Records an attempt: how late it began, and how long it took.
    pub(super) fn record(&self, kind: &str, outcome: &'static str, delay: TimeDelta, duration: Duration) {
        let mut counts = self.0.lock();
        let sums = counts.entry((kind.to_owned(), outcome)).or_default();
        sums.attempts += 1;
        sums.delay += delay.to_std().unwrap_or_default();
        sums.duration += duration;
    }

    /// The statistics, by kind and outcome.
    pub(super) fn read(&self) -> Vec<JobStatistics> {
        let counts = self.0.lock();
        let statistics = |((kind, outcome), sums): (&(String, &'static str), &Sums)| JobStatistics {
            kind: kind.clone(),
            outcome,
            attempts: sums.attempts,
            delay: sums.delay,
            duration: sums.duration,
        };
        counts.iter().map(statistics).collect()
    }
}
