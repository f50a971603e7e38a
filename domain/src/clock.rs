//! The port through which time arrives; no rule reads a clock by itself. And the clock of a test, which can be moved.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::accounts::{Actor, Forbidden};
use crate::{Fault, Invalid, Time};

/// Tells the time in UTC, to the millisecond (what every store keeps exactly).
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Time;
}

/// What a clock shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// The present moment of the service.
    pub now: Time,
}

/// A moment as RFC 3339 writes it, from 1970 to 9999.
///
/// # Errors
/// When it is not one.
pub fn moment(text: &str) -> Result<Time, Invalid> {
    let moment = chrono::DateTime::parse_from_rfc3339(text).ok().map(|moment| moment.to_utc());
    let moment = moment.filter(|moment| *moment >= Time::UNIX_EPOCH);
    moment.ok_or_else(|| Invalid::new("must be a time from 1970 on as RFC 3339 writes it, such as 2027-01-31T10:00:00Z"))
}

/// Why a test's clock was not moved.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ClockError {
    /// Only administrators may move it.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// It goes forwards only.
    #[error("the clock goes forwards only")]
    Backwards,
    /// A duty that fell due failed; the clock stands where it was moved to.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The clock of a test, on which one server runs. It flows on at the usual pace and can be moved forwards.
#[async_trait]
pub trait TestClock: Send + Sync {
    /// What it shows.
    ///
    /// # Errors
    /// When the actor is no administrator.
    fn read(&self, actor: &Actor) -> Result<Reading, Forbidden>;

    /// Moves it, does everything that has become due, and answers what it shows when nothing is due any more.
    ///
    /// # Errors
    /// [`ClockError`].
    async fn advance(&self, actor: &Actor, to: Time) -> Result<Reading, ClockError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_what_rfc_3339_writes() {
        for text in ["2027-01-31T10:00:00Z", "2027-01-31T12:00:00.000+02:00"] {
            assert_eq!(moment(text).unwrap().to_rfc3339(), "2027-01-31T10:00:00+00:00");
        }
        for text in ["", "now", "2027-01-31", "2027-02-30T10:00:00Z", "1969-12-31T23:59:59Z", "12027-01-31T10:00:00Z"] {
            assert!(moment(text).is_err(), "{text}");
        }
    }
}
