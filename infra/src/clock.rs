//! The time of the product: what is due and what has expired is judged by it. No other code reads the system's time.
//!
//! It is the time of the database plus an offset, which tests move forwards and which is a row of the database. Between two readings
//! of the database the monotonic clock of this machine carries it, so an outage of the database does not stop it. Leases, locks,
//! limits and time-outs use the monotonic clock alone: no move and no correction changes them.
//!
//! Within a process it never goes backwards. A reading was made at some moment between its request and its response, and the clock
//! is corrected only if no such moment agrees with it: forwards at once, backwards by standing still until the database has caught up.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use domain::{Clock, Time};
use parking_lot::Mutex;

/// A difference to the clock of the database that is logged.
const NOTABLE_MS: i64 = 1000;

/// The time of the database and the offset of tests, as one statement read them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TimeReading {
    /// The time of the database in milliseconds since 1970, without the offset.
    pub(crate) database_ms: i64,
    /// The offset of tests in milliseconds; `None` if no test has moved the time.
    pub(crate) offset_ms: Option<i64>,
    /// When the statement was sent.
    pub(crate) asked: Instant,
    /// When its response had arrived.
    pub(crate) answered: Instant,
}

/// The time of the product.
pub(crate) struct ProductClock {
    origin: Instant,
    /// The product's time at `origin`, in milliseconds since 1970.
    at_origin_ms: AtomicI64,
    /// The latest time that was returned.
    shown_ms: AtomicI64,
    /// The greatest offset that was read. A reading that was made before a move may be applied after it.
    offset_ms: Mutex<Option<i64>>,
}

impl ProductClock {
    /// A clock that is set by a first reading.
    pub(crate) fn starting_from(reading: &TimeReading) -> Self {
        let clock = Self {
            origin: reading.asked,
            at_origin_ms: AtomicI64::new(i64::MIN),
            shown_ms: AtomicI64::new(i64::MIN),
            offset_ms: Mutex::new(None),
        };
        clock.synchronise(reading);
        clock
    }

    /// Corrects the clock if it disagrees with a reading.
    pub(crate) fn synchronise(&self, reading: &TimeReading) {
        let mut offset = self.offset_ms.lock();
        *offset = (*offset).max(reading.offset_ms);
        let read = reading.database_ms.saturating_add(offset.unwrap_or_default());
        // The reading is truncated to milliseconds.
        let (lowest, highest) = (read - self.since_origin(reading.answered), read + 1 - self.since_origin(reading.asked));
        let before = self.at_origin_ms.load(Ordering::SeqCst);
        let after = before.clamp(lowest, highest);
        self.at_origin_ms.store(after, Ordering::SeqCst);
        if before.saturating_sub(after) >= NOTABLE_MS {
            tracing::warn!(
                behind_ms = before - after,
                "the clock of the database is behind; the time of the product stands still until it has caught up"
            );
        }
    }

    fn since_origin(&self, moment: Instant) -> i64 {
        milliseconds(moment.saturating_duration_since(self.origin))
    }
}

fn milliseconds(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

impl Clock for ProductClock {
    fn now(&self) -> Time {
        let now = self.at_origin_ms.load(Ordering::SeqCst).saturating_add(milliseconds(self.origin.elapsed()));
        let shown = self.shown_ms.load(Ordering::SeqCst);
        // A write each millisecond at most, so that threads do not contend for it.
        let now = if now > shown { self.shown_ms.fetch_max(now, Ordering::SeqCst).max(now) } else { shown };
        Time::UNIX_EPOCH.checked_add_signed(TimeDelta::milliseconds(now)).unwrap_or(Time::MAX_UTC)
    }
}

/// The time of this machine, for tests without a database.
#[cfg(test)]
pub(crate) struct SystemClock;

#[cfg(test)]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "a test without a database")]
    fn now(&self) -> Time {
        use chrono::SubsecRound;
        chrono::Utc::now().trunc_subsecs(3)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const START: i64 = 1_700_000_000_000;

    fn shown(clock: &ProductClock) -> i64 {
        clock.now().timestamp_millis()
    }

    /// A reading that was asked and answered these milliseconds after the origin.
    fn reading(origin: Instant, asked: u64, answered: u64, database_ms: i64, offset_ms: Option<i64>) -> TimeReading {
        let at = |ms| origin + Duration::from_millis(ms);
        TimeReading { database_ms, offset_ms, asked: at(asked), answered: at(answered) }
    }

    fn clock(origin: Instant) -> ProductClock {
        ProductClock::starting_from(&reading(origin, 0, 0, START, None))
    }

    #[test]
    fn a_slow_reading_that_agrees_corrects_nothing() {
        let origin = Instant::now();
        let clock = clock(origin);
        // The database was asked at 100 ms and answered at 900 ms; its time is that of 500 ms.
        clock.synchronise(&reading(origin, 100, 900, START + 500, None));
        assert_eq!(clock.at_origin_ms.load(Ordering::SeqCst), START);
    }

    #[test]
    fn a_move_is_seen_at_once_and_an_older_reading_does_not_undo_it() {
        let origin = Instant::now();
        let clock = clock(origin);
        let year = TimeDelta::days(365).num_milliseconds();
        clock.synchronise(&reading(origin, 0, 0, START, Some(year)));
        let moved = shown(&clock);
        assert!(moved >= START + year);
        clock.synchronise(&reading(origin, 0, 0, START, Some(year - 1000)));
        clock.synchronise(&reading(origin, 0, 0, START, None));
        assert!(clock.at_origin_ms.load(Ordering::SeqCst) >= START + year);
    }

    #[test]
    fn a_database_whose_clock_goes_back_holds_the_time() {
        let origin = Instant::now();
        let clock = clock(origin);
        let before = shown(&clock);
        clock.synchronise(&reading(origin, 0, 0, START - 3_600_000, None));
        assert_eq!(shown(&clock), before);
    }

    proptest! {
        #[test]
        fn it_never_goes_backwards_and_agrees_with_each_reading(
            readings in prop::collection::vec((0..50_u64, 0..50_u64, -5000..5000_i64, prop::option::of(0..100_000_i64)), 1..40),
        ) {
            let origin = Instant::now();
            let clock = clock(origin);
            let (mut last, mut elapsed, mut greatest) = (shown(&clock), 0, None);
            for (pause, wait, drift, offset) in readings {
                let asked = elapsed + pause;
                elapsed = asked + wait;
                greatest = greatest.max(offset);
                let database = START + i64::try_from(asked).unwrap() + drift;
                clock.synchronise(&reading(origin, asked, elapsed, database, offset));
                let at_answer = clock.at_origin_ms.load(Ordering::SeqCst) + i64::try_from(elapsed).unwrap();
                let moved = database + greatest.unwrap_or(0);
                prop_assert!(at_answer >= moved && at_answer <= moved + 1 + i64::try_from(wait).unwrap());
                let now = shown(&clock);
                prop_assert!(now >= last);
                last = now;
            }
        }
    }
}
