//! Periods, and proration.

use chrono::{Datelike, Months, NaiveTime};

use crate::Time;
use crate::billing::plans::Interval;

/// The time `intervals` intervals after an anchor. The day is clamped to the month's length (31 Jan, 28 Feb, 31 Mar).
#[must_use]
pub fn after(anchor: Time, interval: Interval, intervals: i64) -> Time {
    let months = match interval {
        Interval::Month => intervals,
        Interval::Year => intervals.saturating_mul(12),
    };
    let months = Months::new(u32::try_from(months).unwrap_or_default());
    anchor.checked_add_months(months).unwrap_or(Time::MAX_UTC)
}

/// A period: its number, start and end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Period {
    pub(super) index: i64,
    pub(super) start: Time,
    pub(super) end: Time,
}

/// The anchor of periods: period number `index` ends at `at`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Anchor {
    pub(super) at: Time,
    pub(super) index: i64,
    pub(super) interval: Interval,
}

impl Anchor {
    /// The period with a number. It is computed from the anchor, so a short month does not shorten later periods.
    fn period(self, index: i64) -> Period {
        let boundary = |index| after(self.at, self.interval, index - self.index);
        Period { index, start: boundary(index - 1), end: boundary(index) }
    }

    /// The first period after number `last` that has not ended at `now`.
    pub(super) fn next(self, last: i64, now: Time) -> Period {
        let mut period = self.period(last + 1);
        while period.end <= now {
            period = self.period(period.index + 1);
        }
        period
    }
}

/// The share of `whole` for the rest of a period at `now`: proportional to seconds, and rounded up. It is zero if `whole` is negative.
pub(super) fn prorated(whole: i64, start: Time, end: Time, now: Time) -> i64 {
    let seconds = |from: Time, to: Time| i128::from((to - from).num_seconds());
    let (left, length) = (seconds(now, end).max(0), seconds(start, end).max(1));
    let whole = i128::from(whole.max(0));
    i64::try_from((whole * left.min(length) + length - 1) / length).unwrap_or(i64::MAX)
}

/// The calendar month of `now` in UTC, for which usage is counted without a subscription.
#[must_use]
pub fn calendar_month(now: Time) -> (Time, Time) {
    let first = now.date_naive().with_day(1).unwrap_or_default().and_time(NaiveTime::MIN).and_utc();
    (first, after(first, Interval::Month, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Time {
        text.parse().unwrap()
    }

    #[test]
    fn a_short_month_does_not_shorten_later_periods() {
        let anchor = Anchor { at: at("2027-01-31T10:00:00Z"), index: 0, interval: Interval::Month };
        let ends = [1, 2, 3, 13].map(|index| anchor.period(index).end.date_naive().to_string());
        assert_eq!(ends, ["2027-02-28", "2027-03-31", "2027-04-30", "2028-02-29"]);
        assert_eq!(after(at("2028-02-29T00:00:00Z"), Interval::Year, 1), at("2029-02-28T00:00:00Z"));
        for index in 1..40 {
            assert_eq!(anchor.period(index).end, anchor.period(index + 1).start);
        }
    }

    #[test]
    fn the_next_period_is_the_first_that_has_not_ended() {
        let anchor = Anchor { at: at("2027-01-31T10:00:00Z"), index: 4, interval: Interval::Month };
        let next = |now| anchor.next(4, at(now));
        assert_eq!((next("2027-01-31T10:00:00Z").index, next("2027-02-28T09:59:59Z").index), (5, 5));
        assert_eq!(next("2027-02-28T10:00:00Z").index, 6);
        assert_eq!(next("2027-06-15T00:00:00Z").start, at("2027-05-31T10:00:00Z"));
        assert_eq!(anchor.next(6, at("2027-01-31T10:00:00Z")).index, 7);
    }

    #[test]
    fn proration_is_by_the_second_and_rounds_up() {
        let (start, end) = (at("2027-04-01T00:00:00Z"), at("2027-05-01T00:00:00Z"));
        let share = |whole, now| prorated(whole, start, end, at(now));
        assert_eq!(share(300, "2027-04-01T00:00:00Z"), 300);
        assert_eq!(share(300, "2027-04-16T00:00:00Z"), 150);
        assert_eq!(share(300, "2027-04-30T23:59:59Z"), 1);
        assert_eq!(share(300, "2027-04-16T00:00:01Z"), 150);
        assert_eq!(share(300, "2027-04-16T02:24:01Z"), 149);
        assert_eq!((share(300, "2027-05-01T00:00:00Z"), share(300, "2027-06-01T00:00:00Z")), (0, 0));
        assert_eq!((share(0, "2027-04-16T00:00:00Z"), share(-5, "2027-04-16T00:00:00Z")), (0, 0));
        assert_eq!(share(300, "2027-03-01T00:00:00Z"), 300);
    }

    #[test]
    fn a_calendar_month_starts_on_the_first_day_at_midnight() {
        let month = calendar_month(at("2027-12-15T10:00:00Z"));
        assert_eq!(month, (at("2027-12-01T00:00:00Z"), at("2028-01-01T00:00:00Z")));
    }
}
