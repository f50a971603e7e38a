//! The test clock, which an administrator can read and advance.

use async_trait::async_trait;
use chrono::Datelike;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::clock::parse_time;
use crate::identity::{Forbidden, Principal};
use crate::{Invalid, ServiceError, Time};

/// The last year that the clock shows. Terms that begin in it end before the last year that can be written.
const LAST_YEAR: i32 = 9000;

/// Parses a time of the test clock.
///
/// # Errors
/// [`Invalid`] for text that is no time, or a later one.
pub fn parse_clock_time(text: &str) -> Result<Time, Invalid> {
    let time = parse_time(text)?;
    if time.year() <= LAST_YEAR {
        Ok(time)
    } else {
        Err(Invalid::new(format!("must be a time of the year {LAST_YEAR} or before")))
    }
}

/// The reading of a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Clock")]
pub struct Reading {
    /// The current time of the service.
    pub now: Time,
}

/// Why the test clock was not advanced, or a task failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ClockError {
    /// The actor is not an administrator.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The requested time is before the clock's time.
    #[error("the clock cannot move backwards")]
    Backwards,
    /// A scheduled task that became due failed. The clock keeps the requested time.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// The time of all servers on one database. It runs at the normal rate and can be advanced.
#[async_trait]
pub trait TestClock: Send + Sync {
    /// Reads the clock.
    ///
    /// # Errors
    /// [`Forbidden`] when the actor is not an administrator.
    fn read(&self, actor: &Principal) -> Result<Reading, Forbidden>;

    /// Advances the clock of every server to `to`, runs all scheduled tasks until none is due, and then reads the clock.
    ///
    /// # Errors
    /// [`ClockError`].
    async fn advance(&self, actor: &Principal, to: Time) -> Result<Reading, ClockError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_ends_with_the_year_9000() {
        assert!(parse_clock_time("2027-01-31T10:00:00Z").is_ok() && parse_clock_time("9000-12-31T23:59:59Z").is_ok());
        assert!(parse_clock_time("9001-01-01T00:00:00Z").is_err() && parse_clock_time("9999-12-31T23:59:59Z").is_err());
        assert!(parse_clock_time("tomorrow").is_err());
    }
}
