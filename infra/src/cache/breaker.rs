//! A circuit breaker: after one failure Redis is not used until a probe succeeds, so that no request waits for it.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// Open while Redis counts as unavailable.
pub(crate) struct Breaker {
    open: AtomicBool,
    changed: Notify,
}

impl Breaker {
    /// A breaker that is open until the first probe succeeds.
    pub(crate) fn opened() -> Self {
        Self { open: AtomicBool::new(true), changed: Notify::new() }
    }

    /// Whether Redis must not be used.
    pub(crate) fn is_open(&self) -> bool {
        self.open.load(Ordering::Acquire)
    }

    /// Stops the use of Redis.
    pub(crate) fn trip(&self) {
        if self.set_open(true) {
            tracing::warn!("Redis does not answer: the database answers instead, until Redis answers again");
        }
    }

    /// Allows the use of Redis.
    pub(crate) fn reset(&self) {
        if self.set_open(false) {
            tracing::info!("Redis answers and is used");
        }
    }

    /// Waits until the breaker is open, or closed.
    pub(crate) async fn wait_for(&self, open: bool) {
        loop {
            let changed = self.changed.notified();
            if self.is_open() == open {
                return;
            }
            changed.await;
        }
    }

    /// Whether the state changed.
    fn set_open(&self, open: bool) -> bool {
        let has_changed = self.open.swap(open, Ordering::AcqRel) != open;
        if has_changed {
            self.changed.notify_waiters();
        }
        has_changed
    }
}
