//! How long sessions live, and what anonymous ones may have.

use chrono::TimeDelta;
use domain::Time;

use crate::config::DataSessionConfig;

/// [`DataSessionConfig`] as the rules need it.
#[derive(Debug, Clone)]
pub(super) struct Policy {
    pub(super) ttl: TimeDelta,
    pub(super) anonymous: bool,
    pub(super) anonymous_bytes: i64,
}

/// A session is renewed when this part of its life has passed, or this time.
const RENEWAL: (i32, TimeDelta) = (10, TimeDelta::minutes(1));

impl Policy {
    pub(super) fn of(config: &DataSessionConfig) -> Self {
        Self {
            ttl: TimeDelta::from_std(config.ttl).unwrap_or(TimeDelta::hours(1)),
            anonymous: config.anonymous,
            anonymous_bytes: i64::try_from(config.anonymous_bytes).unwrap_or(i64::MAX),
        }
    }

    /// When a session expires that is used now.
    pub(super) fn expiry(&self, ends_at: Time, now: Time) -> Time {
        (now + self.ttl).min(ends_at)
    }

    /// Whether a use moves the expiry far enough to be recorded.
    pub(super) fn is_renewal_due(&self, expires_at: Time, ends_at: Time, now: Time) -> bool {
        let (parts, most) = RENEWAL;
        self.expiry(ends_at, now) - expires_at >= (self.ttl / parts).min(most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Time {
        Time::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    #[test]
    fn a_use_is_recorded_once_a_minute_and_never_after_the_end() {
        let policy = Policy { ttl: TimeDelta::hours(1), anonymous: false, anonymous_bytes: 0 };
        let ends_at = at(86_400);
        assert!(!policy.is_renewal_due(at(3600), ends_at, at(59)));
        assert!(policy.is_renewal_due(at(3600), ends_at, at(60)));
        assert_eq!(policy.expiry(ends_at, at(60)), at(3660));
        assert_eq!(policy.expiry(ends_at, at(86_000)), ends_at);
        assert!(!policy.is_renewal_due(ends_at, ends_at, at(86_399)));
    }

    #[test]
    fn a_short_life_is_renewed_sooner() {
        let policy = Policy { ttl: TimeDelta::seconds(20), anonymous: false, anonymous_bytes: 0 };
        assert!(!policy.is_renewal_due(at(20), at(86_400), at(1)));
        assert!(policy.is_renewal_due(at(20), at(86_400), at(2)));
    }
}
