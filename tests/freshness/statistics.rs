//! The results of a run.

use std::fmt;
use std::time::{Duration, Instant};

use super::failure_log::{Failure, FailureLog};
use super::promises::{Breach, Class, Finding};

/// The number of breaches reported in full.
const REPORTED: usize = 20;

/// Counts and extremes of one run.
#[derive(Default)]
pub struct Statistics {
    pub reads: u64,
    writes: u64,
    /// Writes whose first attempt had no response.
    unknown: u64,
    near_stale: u64,
    near_worst: Duration,
    strict_stale: u64,
    strict_worst: Duration,
    regressions: u64,
    server_errors: u64,
    strict_broken: u64,
    broken: u64,
    /// The descriptions of the first breaches.
    pub reported: Vec<String>,
    /// The time of the first breach.
    pub caught: Option<Instant>,
}

impl Statistics {
    /// Records an acknowledged write; `retried` after an attempt without a response.
    pub fn add_write(&mut self, retried: bool) {
        self.writes += 1;
        self.unknown += u64::from(retried);
    }

    /// Records a finding.
    pub fn add(&mut self, class: Class, finding: Finding, describe: impl FnOnce(&Breach) -> String) {
        match (finding, class) {
            (Finding::Fresh, _) => {}
            (Finding::Regression, _) => self.regressions += 1,
            (Finding::Stale(age), Class::Near) => {
                self.near_stale += 1;
                self.near_worst = self.near_worst.max(age);
            }
            (Finding::Stale(age), Class::Strict) => {
                self.strict_stale += 1;
                self.strict_worst = self.strict_worst.max(age);
            }
            (Finding::Broken(breach), _) => self.breach(class, &breach, describe(&breach)),
        }
    }

    fn breach(&mut self, class: Class, breach: &Breach, reported: String) {
        self.broken += 1;
        self.caught.get_or_insert_with(Instant::now);
        self.server_errors += u64::from(matches!(breach, Breach::Status(500..)));
        self.strict_broken += u64::from(class == Class::Strict && matches!(breach, Breach::Stale(_) | Breach::StaleBeyondD(_)));
        if self.reported.len() < REPORTED {
            self.reported.push(reported);
        }
    }

    /// Asserts that no promise was broken.
    #[track_caller]
    pub fn assert_promises_kept(&self) {
        assert!(self.broken == 0, "{} promises were broken, the first of them:\n{}", self.broken, self.reported.join("\n"));
    }

    /// Whether the run had enough reads and writes.
    pub fn is_substantial(&self) -> bool {
        self.reads > 100 && self.writes > 10
    }
}

/// The statistics as a table, with the failures of the run.
pub struct Report<'a>(pub &'a Statistics, pub &'a FailureLog);

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(statistics, failure_log) = self;
        let mut row = |name: &str, value: &dyn fmt::Display| writeln!(f, "  {name:<52} {value}");
        row("reads", &statistics.reads)?;
        row("writes", &statistics.writes)?;
        row("  without a response at first", &statistics.unknown)?;
        for failure in Failure::ALL {
            row(&format!("failure: {}", failure.name()), &failure_log.count(*failure))?;
        }
        row("stale strict reads", &statistics.strict_broken)?;
        row("near reads behind", &statistics.near_stale)?;
        row("  worst age", &Milliseconds(statistics.near_worst))?;
        row("strict reads behind after lost commands", &statistics.strict_stale)?;
        row("  worst age", &Milliseconds(statistics.strict_worst))?;
        row("older reads before an acknowledgement", &statistics.regressions)?;
        row("responses of 5xx", &statistics.server_errors)?;
        row("promises broken", &statistics.broken)
    }
}

struct Milliseconds(Duration);

impl fmt::Display for Milliseconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} ms", self.0.as_secs_f64() * 1000.0)
    }
}
