//! Whether the other workers count this one: the base of what it may serve from its cache.
//!
//! Others delete the row of a worker whose beat stands still, and then their writes do not wait for it. A worker learns of that only
//! with its next beat, or never if it cannot reach the table. So it relies on a beat for less time than others need to find it gone.
//! With a new row it starts anew: what it read from the change log before, it read while nobody waited for it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use super::timing::COUNTED;

/// The span in which other workers count this one. One thread writes it.
pub(super) struct Presence {
    origin: Instant,
    /// When the present row was confirmed, in microseconds after the origin.
    since: AtomicU64,
    /// Until when the last confirmed beat counts.
    until: AtomicU64,
}

impl Presence {
    /// A worker without a row.
    pub(super) fn absent() -> Self {
        Self { origin: Instant::now(), since: AtomicU64::new(u64::MAX), until: AtomicU64::new(0) }
    }

    /// Records a new row, whose insertion began and was confirmed at these moments.
    pub(super) fn registered(&self, began: Instant, confirmed: Instant) {
        self.since.store(self.micros(confirmed), Ordering::SeqCst);
        self.beaten(began);
    }

    /// Records a beat that was confirmed and began at this moment.
    pub(super) fn beaten(&self, began: Instant) {
        self.until.store(self.micros(began + COUNTED), Ordering::SeqCst);
    }

    /// Whether this worker is counted at `now` and was when it began to poll at `polled`.
    pub(super) fn covers(&self, polled: Instant, now: Instant) -> bool {
        self.micros(now) < self.until.load(Ordering::SeqCst) && self.micros(polled) >= self.since.load(Ordering::SeqCst)
    }

    fn micros(&self, moment: Instant) -> u64 {
        u64::try_from(moment.saturating_duration_since(self.origin).as_micros()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_poll_counts_from_the_registration_to_five_seconds_after_the_last_beat_began() {
        let (presence, start) = (Presence::absent(), Instant::now());
        let at = |ms| start + Duration::from_millis(ms);
        assert!(!presence.covers(at(10), at(20)), "it has no row");
        presence.registered(at(100), at(200));
        assert!(!presence.covers(at(150), at(300)), "it polled before its row was confirmed");
        assert!(presence.covers(at(200), at(5099)));
        assert!(!presence.covers(at(5000), at(5100)));
        presence.beaten(at(600));
        assert!(presence.covers(at(200), at(5599)) && !presence.covers(at(5000), at(5600)));
        presence.registered(at(9000), at(9100));
        assert!(!presence.covers(at(5000), at(9200)), "it polled while it had no row");
        assert!(presence.covers(at(9100), at(9200)));
    }
}
