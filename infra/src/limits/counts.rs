//! Counts of decisions.

use std::sync::atomic::{AtomicU64, Ordering};

use domain::ops::LimitedRequests;

/// Counts of the decisions of this process.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) leased: AtomicU64,
    pub(super) shared: AtomicU64,
    pub(super) local: AtomicU64,
    pub(super) refused: AtomicU64,
}

impl Counts {
    /// The counts now.
    pub(super) fn read(&self) -> LimitedRequests {
        let load = |count: &AtomicU64| count.load(Ordering::Relaxed);
        LimitedRequests {
            leased: load(&self.leased),
            shared: load(&self.shared),
            local: load(&self.local),
            refused: load(&self.refused),
        }
    }
}

/// Counts one.
pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
