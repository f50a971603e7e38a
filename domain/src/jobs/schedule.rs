//! Schedules: what becomes due by the calendar, and what of it is run after it was missed.
//!
//! A fixed time in the gap of a change to summer time is due once, right after the gap; one in the overlap is due once. Minutes and
//! hours that are not fixed follow the elapsed time (croner, <https://github.com/Hexagon/croner-rust>).

use std::iter::successors;
use std::str::FromStr;

use async_trait::async_trait;
use chrono::TimeDelta;
use chrono_tz::Tz;
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::identity::{Forbidden, Principal};
use crate::page::{InvalidCursor, Page, PageRequest};
use crate::revision::{ETag, Precondition, Stale};
use crate::text::parsed_text;
use crate::{Invalid, ServiceError, Time};

/// The maximum number of missed times that [`Missed::All`] runs.
pub const MAX_MISSED: usize = 100;
/// How late a time may be found due without counting as missed.
const TOLERANCE: TimeDelta = TimeDelta::minutes(5);
parsed_text! {
    /// A cron expression of five fields, as crontab(5) has them, that is due at some time.
    CronText, |text| parse(text).map(|_| text.split_whitespace().collect::<Vec<_>>().join(" "))
}

parsed_text! {
    /// The name of a time zone in the IANA database.
    Zone, |text| Tz::from_str(text).map(|zone| zone.name().to_owned())
        .map_err(|_| Invalid::new("must be a time zone of the IANA database, such as Europe/Berlin"))
}

fn parse(text: &str) -> Result<Cron, Invalid> {
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    if text.len() > 100 || text.trim_start().starts_with('@') {
        return Err(Invalid::new("must be a cron expression of five fields, such as 30 3 * * *, in at most 100 bytes"));
    }
    let cron = parser.parse(text).map_err(|error| Invalid::new(format!("must be a cron expression of five fields: {error}")))?;
    match cron.find_next_occurrence(&Time::UNIX_EPOCH, false) {
        Ok(_) => Ok(cron),
        Err(_) => Err(Invalid::new("must be due at some time; this cron expression never is")),
    }
}

/// What is run of the times that were missed, because no worker ran or the time of the product jumped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "MissedRuns")]
pub enum Missed {
    /// None of them.
    Skip,
    /// The last of them.
    Once,
    /// All of them, at most the last 100.
    All,
}

/// When a schedule is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recurrence {
    /// The cron expression.
    pub cron: CronText,
    /// The time zone in which it is read.
    pub zone: Zone,
    /// What is run of missed times.
    pub missed: Missed,
}

/// What is due of a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The times for which a job is enqueued, in their order.
    pub times: Vec<Time>,
    /// The next time, later than the present; `None` if there is none.
    pub next: Option<Time>,
}

impl Recurrence {
    /// The first time after `after`; `None` if there is none.
    ///
    /// # Errors
    /// [`Invalid`] if the expression or the zone is not valid.
    pub fn next_after(&self, after: Time) -> Result<Option<Time>, Invalid> {
        let next = parse(self.cron.as_str())?.find_next_occurrence(&after.with_timezone(&self.tz()?), false);
        Ok(next.ok().map(|time| time.to_utc()))
    }

    /// What is due at `now`, if `first` is the first time that was not run. It looks back from the present, so a jump of a year costs
    /// no more than the times that are run.
    ///
    /// # Errors
    /// [`Invalid`] if the expression or the zone is not valid.
    pub fn due(&self, first: Time, now: Time) -> Result<Due, Invalid> {
        let (cron, zone) = (parse(self.cron.as_str())?, self.tz()?);
        let before = |time: &Time, inclusive| {
            let previous = cron.find_previous_occurrence(&time.with_timezone(&zone), inclusive);
            previous.ok().map(|time| time.to_utc()).filter(|time| *time >= first)
        };
        let latest_first = successors(before(&now, true), |time| before(time, false));
        let mut times: Vec<Time> = match self.missed {
            Missed::Skip => latest_first.take(1).filter(|time| now - *time <= TOLERANCE).collect(),
            Missed::Once => latest_first.take(1).collect(),
            Missed::All => latest_first.take(MAX_MISSED).collect(),
        };
        times.reverse();
        Ok(Due { times, next: self.next_after(now)? })
    }

    fn tz(&self) -> Result<Tz, Invalid> {
        Tz::from_str(self.zone.as_str()).map_err(Invalid::new)
    }
}

/// A schedule, as administrators see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Schedule {
    /// Its name.
    pub name: String,
    /// The kind of the jobs that it enqueues.
    pub kind: String,
    /// When it is due: five fields, as crontab(5) has them.
    pub cron: CronText,
    /// The time zone in which `cron` is read.
    pub zone: Zone,
    /// What is run of missed times.
    pub missed: Missed,
    /// It enqueues jobs.
    pub enabled: bool,
    /// When it is due next; absent if it is disabled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_at: Option<Time>,
    /// The last time for which it enqueued a job; absent before the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_at: Option<Time>,
    /// Rises with each change by an administrator.
    pub version: i64,
}

impl Schedule {
    /// The entity tag of this version.
    #[must_use]
    pub fn etag(&self) -> ETag {
        ETag::of_version(&self.name, self.version)
    }
}

/// A change of a schedule. What is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct ScheduleChange {
    /// When it is due.
    pub cron: Option<CronText>,
    /// The time zone.
    pub zone: Option<Zone>,
    /// What is run of missed times.
    pub missed: Option<Missed>,
    /// Whether it enqueues jobs.
    pub enabled: Option<bool>,
}

/// Why an operation on schedules failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ScheduleError {
    /// There is no such schedule.
    #[error("there is no such schedule")]
    NotFound,
    /// The schedule has changed since the client read it.
    #[error(transparent)]
    Stale(#[from] Stale),
    /// The principal may not do this.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The page's cursor is invalid.
    #[error(transparent)]
    Cursor(#[from] InvalidCursor),
    /// A dependency is unavailable, or a bug occurred.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// The schedules of the site, for administrators.
#[async_trait]
pub trait ScheduleService: Send + Sync {
    /// A page of the schedules, by name.
    ///
    /// # Errors
    /// [`ScheduleError::Forbidden`], [`ScheduleError::Cursor`].
    async fn schedules(&self, actor: &Principal, page: &PageRequest) -> Result<Page<Schedule>, ScheduleError>;

    /// A schedule.
    ///
    /// # Errors
    /// [`ScheduleError::Forbidden`], [`ScheduleError::NotFound`].
    async fn schedule(&self, actor: &Principal, name: &str) -> Result<Schedule, ScheduleError>;

    /// Changes a schedule. Its next time is the first after the change.
    ///
    /// # Errors
    /// [`ScheduleError::Forbidden`], [`ScheduleError::NotFound`], [`ScheduleError::Stale`].
    async fn change(
        &self,
        actor: &Principal,
        name: &str,
        seen: &Precondition,
        change: ScheduleChange,
    ) -> Result<Schedule, ScheduleError>;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn recurrence(cron: &str, zone: &str, missed: Missed) -> Recurrence {
        Recurrence { cron: CronText::parse(cron).unwrap(), zone: Zone::parse(zone).unwrap(), missed }
    }

    fn time(text: &str) -> Time {
        text.parse().unwrap()
    }

    fn due(recurrence: &Recurrence, first: &str, now: &str) -> Vec<String> {
        recurrence.due(time(first), time(now)).unwrap().times.iter().map(|time| time.format("%m-%dT%H:%MZ").to_string()).collect()
    }

    #[test]
    fn expressions_that_are_no_crontab_or_never_due_are_refused() {
        for text in ["", "* * * *", "* * * * * *", "61 * * * *", "@reboot", "@daily", "0 0 30 2 *", "0 0 31 4,6 *", "a b c d e"] {
            assert!(CronText::parse(text).is_err(), "{text}");
        }
        for text in ["0 0 29 2 *", "*/5  8-18 * * MON-FRI", "0 0 L * *"] {
            assert!(CronText::parse(text).is_ok(), "{text}");
        }
        assert_eq!(CronText::parse(" 0  3 * * * ").unwrap().as_str(), "0 3 * * *");
        assert!(Zone::parse("Europe/Berlin").is_ok() && Zone::parse("Middle/Earth").is_err());
    }

    #[test]
    fn a_fixed_time_in_the_gap_or_the_overlap_is_due_once() {
        let stockholm = recurrence("30 2 * * *", "Europe/Stockholm", Missed::All);
        assert_eq!(
            due(&stockholm, "2025-03-29T01:30:00Z", "2025-03-31T12:00:00Z"),
            ["03-29T01:30Z", "03-30T01:00Z", "03-31T00:30Z"]
        );
        assert_eq!(
            due(&stockholm, "2025-10-25T00:30:00Z", "2025-10-27T12:00:00Z"),
            ["10-25T00:30Z", "10-26T00:30Z", "10-27T01:30Z"]
        );
        let london = recurrence("0 0 * * *", "Europe/London", Missed::All);
        assert_eq!(due(&london, "2025-10-25T23:00:00Z", "2025-10-27T12:00:00Z"), ["10-25T23:00Z", "10-27T00:00Z"]);
    }

    #[test]
    fn missed_times_are_run_as_the_policy_says() {
        let of = |missed, now| due(&recurrence("0 3 * * *", "UTC", missed), "2025-01-01T03:00:00Z", now);
        let days = ["01-01T03:00Z", "01-02T03:00Z", "01-03T03:00Z"];
        assert_eq!(of(Missed::All, "2025-01-03T12:00:00Z"), days);
        assert_eq!(of(Missed::Once, "2025-01-03T12:00:00Z"), days[2..]);
        assert_eq!(of(Missed::Skip, "2025-01-03T12:00:00Z"), [""; 0]);
        assert_eq!(of(Missed::Skip, "2025-01-03T03:00:01Z"), days[2..]);
        assert_eq!(of(Missed::Once, "2024-12-31T00:00:00Z"), [""; 0]);
    }

    #[test]
    fn a_jump_of_years_is_bounded() {
        let minutely = recurrence("* * * * *", "America/New_York", Missed::All);
        let found = minutely.due(time("2025-01-01T00:00:00Z"), time("2028-01-01T00:00:30Z")).unwrap();
        assert_eq!(
            (found.times.len(), found.times.last(), found.next),
            (100, Some(&time("2028-01-01T00:00:00Z")), Some(time("2028-01-01T00:01:00Z")))
        );
    }

    proptest! {
        /// However often it is looked at, each time is run once, also over the changes of the clock.
        #[test]
        fn each_time_is_due_once(
            cron in prop::sample::select(vec!["30 2 * * *", "0 0 * * *", "15 */3 * * *", "*/20 1-3 * * *", "0 2 * * SUN"]),
            zone in prop::sample::select(vec!["Europe/Stockholm", "Europe/London", "America/New_York", "Australia/Lord_Howe", "UTC"]),
            start in prop::sample::select(vec!["2025-03-08T00:00:00Z", "2025-03-29T00:00:00Z", "2025-10-25T00:00:00Z", "2025-11-01T00:00:00Z", "2025-04-05T00:00:00Z"]),
            pauses in prop::collection::vec(1..500_i64, 1..40),
        ) {
            let recurrence = recurrence(cron, zone, Missed::All);
            let (mut now, mut run) = (time(start), Vec::new());
            let mut next = recurrence.next_after(now).unwrap();
            for pause in pauses {
                now += TimeDelta::minutes(pause);
                if let Some(first) = next.filter(|next| *next <= now) {
                    let due = recurrence.due(first, now).unwrap();
                    run.extend(due.times);
                    next = due.next;
                }
            }
            let all = successors(recurrence.next_after(time(start)).unwrap(), |time| recurrence.next_after(*time).unwrap());
            let expected: Vec<Time> = all.take_while(|time| *time <= now).collect();
            prop_assert_eq!(run, expected);
        }
    }
}
