//! The port through which time arrives. No rule reads a clock by itself.

use crate::{Invalid, Time};

/// Tells the time in UTC, to the millisecond (what every store keeps exactly).
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Time;
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
