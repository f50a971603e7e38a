//! The clock port. Rules take the time as an argument and never read a clock.

use crate::{Invalid, Time};

/// A source of UTC time with millisecond precision, which every store keeps exactly.
pub trait Clock: Send + Sync {
    /// The current time.
    fn now(&self) -> Time;
}

/// Parses an RFC 3339 time from 1970 to 9999.
///
/// # Errors
/// [`Invalid`] when the text is not such a time.
pub fn parse_time(text: &str) -> Result<Time, Invalid> {
    let time = chrono::DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc());
    let time = time.filter(|time| *time >= Time::UNIX_EPOCH);
    time.ok_or_else(|| Invalid::new("must be an RFC 3339 time from 1970 on, such as 2027-01-31T10:00:00Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rfc_3339_times_since_1970_parse() {
        for text in ["2027-01-31T10:00:00Z", "2027-01-31T12:00:00.000+02:00"] {
            assert_eq!(parse_time(text).unwrap().to_rfc3339(), "2027-01-31T10:00:00+00:00");
        }
        for text in ["", "now", "2027-01-31", "2027-02-30T10:00:00Z", "1969-12-31T23:59:59Z", "12027-01-31T10:00:00Z"] {
            assert!(parse_time(text).is_err(), "{text}");
        }
    }
}
