//! Times of records in UTC with microseconds. The date is formatted once a second.

use std::io::Write;
use std::time::{Duration, Instant, SystemTime};

use domain::Time;

/// Formats the times of the records of a batch.
pub(super) struct Timestamps {
    /// The same moment on both clocks.
    anchor: (Instant, SystemTime),
    /// A second since the epoch, and its text.
    second: (u64, String),
}

impl Timestamps {
    /// Formats by the clocks of now.
    pub(super) fn now() -> Self {
        Self { anchor: anchor(), second: (0, "1970-01-01T00:00:00".to_owned()) }
    }

    /// Reads both clocks again. The wall clock may have been set since the last batch.
    pub(super) fn renew(&mut self) {
        self.anchor = anchor();
    }

    /// Appends a time.
    pub(super) fn write(&mut self, out: &mut Vec<u8>, at: Instant) {
        let (instant, wall) = self.anchor;
        let wall = match instant.checked_duration_since(at) {
            Some(before) => wall - before,
            None => wall + at.duration_since(instant),
        };
        let since_epoch = wall.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
        if since_epoch.as_secs() != self.second.0 {
            self.second = (since_epoch.as_secs(), Time::from(wall).format("%Y-%m-%dT%H:%M:%S").to_string());
        }
        // Writing to a vector does not fail.
        let _ = write!(out, "{}.{:06}Z", self.second.1, since_epoch.subsec_micros());
    }
}

#[expect(clippy::disallowed_methods, reason = "the log has the time of the machine, also while tests move the clock")]
fn anchor() -> (Instant, SystemTime) {
    (Instant::now(), SystemTime::now())
}
