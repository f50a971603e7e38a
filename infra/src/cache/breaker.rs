//! A circuit breaker: after one failure nobody waits for Redis again until a probe has found it well.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// Open while Redis is thought to be unavailable.
pub(crate) struct Breaker {
    open: AtomicBool,
    changed: Notify,
}

impl Breaker {
    /// A breaker that waits for the first probe.
    pub(crate) fn opened() -> Self {
        Self { open: AtomicBool::new(true), changed: Notify::new() }
    }

    /// Whether Redis must not be asked.
    pub(crate) fn is_open(&self) -> bool {
        self.open.load(Ordering::Acquire)
    }

    /// Stops the use of Redis.
    pub(crate) fn trip(&self) {
        self.set_open(true);
    }

    /// Allows the use of Redis.
    pub(crate) fn reset(&self) {
        self.set_open(false);
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

    fn set_open(&self, open: bool) {
        if self.open.swap(open, Ordering::AcqRel) != open {
            tracing::warn!(open, "redis breaker turned");
            self.changed.notify_waiters();
        }
    }
}
