//! Metered usage, and what remains of the plan's limits.

mod report;

use async_trait::async_trait;
use chrono::{Days, NaiveDate, NaiveTime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use report::*;

use crate::billing::plans::Limits;
use crate::ids::UserId;
use crate::{CachedResponse, ServiceError, Time};

/// Usage in the current period and today, and what is left. Days are counted in UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "SubscriptionStats")]
pub struct Stats {
    /// Code of the plan that applies.
    pub plan_code: String,
    /// Messages posted, whatever their role.
    pub messages: i64,
    /// Tokens of replies, as the site reports them.
    pub tokens: i64,
    /// Images created, as the site reports them.
    pub images: i64,
    /// Coins granted.
    pub coins_granted: i64,
    /// Coins spent, including those refunded later.
    pub coins_spent: i64,
    /// Coins refunded, including those spent in earlier periods.
    pub coins_refunded: i64,
    /// Coins expired.
    pub coins_expired: i64,
    /// Own characters.
    pub characters: i64,
    /// Usage today.
    pub today: Today,
    /// Limits of the plan.
    pub limits: Limits,
    /// What is left of the limits.
    pub remaining: Remaining,
    /// Start of the period.
    pub period_start: Time,
    /// When the period ends and the counts reset.
    pub resets_at: Time,
}

/// Usage today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "UsedToday")]
pub struct Today {
    /// Messages sent.
    pub messages: i64,
    /// Images created.
    pub images: i64,
    /// When the day ends and the counts reset.
    pub resets_at: Time,
}

/// What is left of the limits of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RemainingUse")]
pub struct Remaining {
    /// Messages that can still be sent today.
    pub messages: i64,
    /// Images that can still be created today.
    pub images: i64,
    /// Own characters that can still be created.
    pub characters: i64,
}

impl Remaining {
    /// The remaining part of the limits. It is zero where usage exceeds a limit, such as after a change to a smaller plan.
    #[must_use]
    pub fn of(limits: &Limits, today: &Today, characters: i64) -> Self {
        let remaining = |limit: i64, used: i64| limit.saturating_sub(used).max(0);
        Self {
            messages: remaining(limits.messages_per_day, today.messages),
            images: remaining(limits.images_per_day, today.images),
            characters: remaining(limits.characters, characters),
        }
    }
}

/// The day for which usage is counted at `now`, in UTC, and its end.
#[must_use]
pub fn day(now: Time) -> (NaiveDate, Time) {
    let today = now.date_naive();
    let tomorrow = today.checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX);
    (today, tomorrow.and_time(NaiveTime::MIN).and_utc())
}

/// The cacheable read of metered usage.
#[async_trait]
pub trait UsageReads: Send + Sync {
    /// A user's usage in the current period and today, and what remains of the limits.
    ///
    /// # Errors
    /// [`ServiceError`] only.
    async fn stats(&self, user: UserId) -> Result<CachedResponse<Stats>, ServiceError>;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::LimitReached;

    fn at(text: &str) -> Time {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_begins_and_ends_at_midnight_in_utc() {
        for (now, today, end) in [
            ("2027-01-31T00:00:00Z", "2027-01-31", "2027-02-01T00:00:00Z"),
            ("2027-12-31T23:59:59.999Z", "2027-12-31", "2028-01-01T00:00:00Z"),
            ("2028-02-28T23:30:00-01:00", "2028-02-29", "2028-03-01T00:00:00Z"),
        ] {
            assert_eq!(day(at(now)), (today.parse().unwrap(), at(end)), "{now}");
        }
    }

    proptest! {
        #[test]
        fn a_limit_is_reached_exactly_when_nothing_remains(limit in 0..100_i64, used in 0..200_i64) {
            let limits =
                Limits { messages_per_day: limit, images_per_day: limit, concurrent_jobs: 1, characters: limit, requests_per_minute: None };
            let today = Today { messages: used, images: used, resets_at: Time::UNIX_EPOCH };
            let remaining = Remaining::of(&limits, &today, used);
            prop_assert_eq!((remaining.messages, remaining.images), (remaining.characters, remaining.characters));
            prop_assert!(remaining.messages >= 0 && remaining.messages <= limit);
            let refused = LimitReached::check(limit, used, "free");
            prop_assert_eq!(refused.is_ok(), remaining.messages > 0);
        }
    }
}
