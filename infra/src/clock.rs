//! The clock of the system, and a clock that tests can move ahead of it. No other code reads the system's time.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{SubsecRound, TimeDelta};
use domain::{Clock, Time};

/// The time of the system, in UTC and truncated to milliseconds.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the only reader of the system's time")]
    fn now(&self) -> Time {
        chrono::Utc::now().trunc_subsecs(3)
    }
}

/// A clock that is ahead of the system's by an offset that never decreases.
pub(crate) struct MovableClock {
    ahead_ms: AtomicI64,
}

impl MovableClock {
    /// A clock that starts at `start`, or at the system's time.
    pub(crate) fn starting_at(start: Option<Time>) -> Self {
        Self { ahead_ms: AtomicI64::new(start.map_or(0, ahead_ms)) }
    }

    /// Moves the clock forwards to `moment`.
    ///
    /// # Errors
    /// [`Backwards`] if `moment` is in the past of this clock.
    pub(crate) fn move_to(&self, moment: Time) -> Result<(), Backwards> {
        let ahead = ahead_ms(moment);
        let moved = self.ahead_ms.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |now| (ahead >= now).then_some(ahead));
        moved.map(|_| ()).map_err(|_| Backwards)
    }
}

/// The clock cannot move backwards.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Backwards;

fn ahead_ms(moment: Time) -> i64 {
    (moment - SystemClock.now()).num_milliseconds()
}

impl Clock for MovableClock {
    fn now(&self) -> Time {
        SystemClock.now() + TimeDelta::milliseconds(self.ahead_ms.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_movable_clock_starts_at_the_given_time_and_moves_forwards_only() {
        let start = Time::from_timestamp_millis(1_000_000).unwrap();
        let clock = MovableClock::starting_at(Some(start));
        let began = clock.now();
        assert!(began >= start && began < start + TimeDelta::seconds(10));
        let later = start + TimeDelta::days(400);
        assert_eq!(clock.move_to(later), Ok(()));
        assert!(clock.now() >= later);
        assert_eq!(clock.move_to(later - TimeDelta::seconds(1)), Err(Backwards));
        assert!(clock.now() >= later);
    }
}
