//! The value of a limit.

use std::fmt;
use std::str::FromStr;

use crate::Invalid;

/// The largest quota.
const MAX_QUOTA: u32 = 1_000_000;
/// The longest window, in seconds: a day.
const MAX_WINDOW: u32 = 86_400;
const SECOND_US: i64 = 1_000_000;

/// A limit: `quota` requests at once, and one more each interval until the quota is full again.
///
/// Written `600/60`: 600 requests at once, and 600 more in each 60 seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Limit {
    quota: u32,
    interval_us: i64,
}

impl Limit {
    /// A limit of `quota` requests in each `seconds`. Both are brought into their ranges: a quota of 1 to 1,000,000, a window of 1
    /// second to a day. The interval is rounded up to a microsecond, so that never more than the quota is admitted.
    #[must_use]
    pub const fn per(quota: u32, seconds: u32) -> Self {
        let quota = clamp(quota, MAX_QUOTA);
        let window = clamp(seconds, MAX_WINDOW) as i64 * SECOND_US;
        Self { quota, interval_us: div_ceil(window, quota as i64) }
    }

    /// Requests at once.
    #[must_use]
    pub const fn quota(self) -> u32 {
        self.quota
    }

    /// Microseconds between two requests at the steady rate.
    #[must_use]
    pub const fn interval_us(self) -> i64 {
        self.interval_us
    }

    /// Microseconds until an exhausted limit is full again.
    #[must_use]
    pub const fn burst_us(self) -> i64 {
        self.quota as i64 * self.interval_us
    }

    /// Seconds until an exhausted limit is full again.
    #[must_use]
    pub const fn window_seconds(self) -> i64 {
        div_ceil(self.burst_us(), SECOND_US)
    }

    /// The share of one of `servers` equal servers, at least one request at once.
    #[must_use]
    pub fn share(self, servers: u32) -> Self {
        let servers = servers.max(1);
        Self { quota: (self.quota / servers).max(1), interval_us: self.interval_us * i64::from(servers) }
    }

    /// The limit of a group that is `factor` times as large.
    #[must_use]
    pub fn times(self, factor: u32) -> Self {
        let factor = factor.max(1);
        let quota = self.quota.saturating_mul(factor).min(MAX_QUOTA);
        Self { quota, interval_us: div_ceil(self.interval_us, i64::from(factor)) }
    }

    /// The requests that are admitted at this debt.
    #[must_use]
    pub fn remaining(self, debt_us: i64) -> u32 {
        u32::try_from((self.burst_us() - debt_us).max(0) / self.interval_us).unwrap_or(self.quota)
    }

    /// Microseconds until `cost` is admitted at this debt; `None` if it exceeds the quota and never is.
    #[must_use]
    pub fn retry_us(self, debt_us: i64, cost: u32) -> Option<i64> {
        (cost <= self.quota).then(|| (debt_us + i64::from(cost) * self.interval_us - self.burst_us()).max(0))
    }
}

const fn clamp(value: u32, most: u32) -> u32 {
    if value == 0 {
        1
    } else if value > most {
        most
    } else {
        value
    }
}

const fn div_ceil(value: i64, by: i64) -> i64 {
    (value + by - 1) / by
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.quota, self.window_seconds())
    }
}

impl FromStr for Limit {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let number = |text: &str, most| text.parse().ok().filter(|number| (1..=most).contains(number));
        let parsed =
            text.split_once('/').and_then(|(quota, window)| Some((number(quota, MAX_QUOTA)?, number(window, MAX_WINDOW)?)));
        let (quota, window) = parsed.ok_or_else(|| Invalid::new("must be requests/seconds, such as 600/60"))?;
        Ok(Self::per(quota, window))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_read_as_requests_in_seconds() {
        let limit: Limit = "600/60".parse().unwrap();
        assert_eq!((limit.quota(), limit.interval_us(), limit.window_seconds()), (600, 100_000, 60));
        assert_eq!(limit.to_string(), "600/60");
        for wrong in ["", "600", "0/60", "600/0", "-1/60", "600/60s", "1000001/1", "1/86401"] {
            assert!(wrong.parse::<Limit>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn shares_and_multiples_keep_the_rate() {
        let limit = Limit::per(600, 60);
        assert_eq!((limit.share(4).quota(), limit.share(4).interval_us()), (150, 400_000));
        assert_eq!((limit.share(1000).quota(), limit.share(1000).interval_us()), (1, 100_000_000));
        assert_eq!((limit.times(8).quota(), limit.times(8).interval_us()), (4800, 12_500));
        assert_eq!(limit.share(0), limit);
    }

    #[test]
    fn a_cost_above_the_quota_has_no_delay() {
        let limit = Limit::per(10, 10);
        assert_eq!([0, 9_000_000, 10_000_000].map(|debt| limit.retry_us(debt, 1)), [Some(0), Some(0), Some(1_000_000)]);
        assert_eq!(limit.retry_us(0, 11), None);
        assert_eq!([0, 1, 10_000_000, 99_000_000].map(|debt| limit.remaining(debt)), [10, 9, 0, 0]);
    }
}
