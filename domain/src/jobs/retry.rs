//! When a failed job runs again.

use std::time::Duration;

/// The number of lost workers after which a job counts as their cause, and fails.
pub const MAX_LOSSES: i64 = 3;
/// The delay after the first failure. It doubles with each further one.
const FIRST: Duration = Duration::from_secs(5);
/// The longest delay.
const LONGEST: Duration = Duration::from_hours(1);
/// Jitter shortens or lengthens a delay by at most one part in this many, so that jobs that failed together do not return together.
const JITTER: u32 = 5;

/// The delay before the next attempt of a job that has failed `failures` times, in whole milliseconds as all times are. `random` is
/// uniform in 0 to 1.
#[must_use]
pub fn retry_delay(failures: i64, random: f64) -> Duration {
    let doublings = u32::try_from(failures.clamp(1, 20) - 1).unwrap_or_default();
    let delay = FIRST.saturating_mul(1 << doublings).min(LONGEST);
    let jitter = (delay * 2 / JITTER).mul_f64(random);
    delay.saturating_sub(delay / JITTER) + Duration::new(jitter.as_secs(), jitter.subsec_millis() * 1_000_000)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn delays_double_up_to_an_hour() {
        let seconds = |failures| retry_delay(failures, 0.5).as_secs();
        assert_eq!([1, 2, 3, 10, 11, 1000].map(seconds), [5, 10, 20, 2560, 3600, 3600]);
    }

    proptest! {
        #[test]
        fn jitter_stays_within_a_fifth(failures in 0..i64::MAX, random in 0.0..1.0) {
            let (delay, middle) = (retry_delay(failures, random).as_secs_f64(), retry_delay(failures, 0.5).as_secs_f64());
            prop_assert!((delay / middle - 1.0).abs() <= 0.2 + 1e-9);
            prop_assert_eq!(retry_delay(failures, random).subsec_nanos() % 1_000_000, 0);
        }
    }
}
