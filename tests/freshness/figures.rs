//! What a run has measured.

use std::fmt;
use std::time::{Duration, Instant};

use super::promises::{Breach, Class, Finding};
use super::troubles::{Fault, Troubles};

/// Breaches that are told in full.
const TOLD: usize = 20;

/// Counts and extremes of one run.
#[derive(Default)]
pub struct Figures {
    pub reads: u64,
    writes: u64,
    /// Writes whose first attempt had no answer.
    unknown: u64,
    near_stale: u64,
    near_worst: Duration,
    strict_stale: u64,
    strict_worst: Duration,
    back: u64,
    server_errors: u64,
    strict_broken: u64,
    broken: u64,
    /// The first breaches, in words.
    pub told: Vec<String>,
    /// When the first promise was broken.
    pub caught: Option<Instant>,
}

impl Figures {
    /// Takes in a write that was acknowledged, at first or after an attempt without an answer.
    pub fn add_write(&mut self, retried: bool) {
        self.writes += 1;
        self.unknown += u64::from(retried);
    }

    /// Takes in what a read says of the promises.
    pub fn add(&mut self, class: Class, finding: Finding, tell: impl FnOnce(&Breach) -> String) {
        match (finding, class) {
            (Finding::Fresh, _) => {}
            (Finding::Back, _) => self.back += 1,
            (Finding::Stale(age), Class::Near) => {
                self.near_stale += 1;
                self.near_worst = self.near_worst.max(age);
            }
            (Finding::Stale(age), Class::Strict) => {
                self.strict_stale += 1;
                self.strict_worst = self.strict_worst.max(age);
            }
            (Finding::Broken(breach), _) => self.breach(class, &breach, tell(&breach)),
        }
    }

    fn breach(&mut self, class: Class, breach: &Breach, told: String) {
        self.broken += 1;
        self.caught.get_or_insert_with(Instant::now);
        self.server_errors += u64::from(matches!(breach, Breach::Status(500..)));
        self.strict_broken += u64::from(class == Class::Strict && matches!(breach, Breach::Stale(_) | Breach::StaleBeyondD(_)));
        if self.told.len() < TOLD {
            self.told.push(told);
        }
    }

    /// Demands that no promise was broken.
    #[track_caller]
    pub fn demand_promises_kept(&self) {
        assert!(self.broken == 0, "{} promises were broken, the first of them:\n{}", self.broken, self.told.join("\n"));
    }

    /// Whether the load has been at work at all.
    pub fn is_substantial(&self) -> bool {
        self.reads > 100 && self.writes > 10
    }
}

/// The figures as a table, with the faults of the run.
pub struct Table<'a>(pub &'a Figures, pub &'a Troubles);

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(figures, troubles) = self;
        let mut row = |name: &str, value: &dyn fmt::Display| writeln!(f, "  {name:<52} {value}");
        row("reads", &figures.reads)?;
        row("writes", &figures.writes)?;
        row("  of which had no answer at first", &figures.unknown)?;
        for fault in Fault::ALL {
            row(&format!("fault: {}", fault.name()), &troubles.count(*fault))?;
        }
        row("stale strict reads", &figures.strict_broken)?;
        row("near reads behind", &figures.near_stale)?;
        row("  worst age", &Milliseconds(figures.near_worst))?;
        row("strict reads behind after lost commands", &figures.strict_stale)?;
        row("  worst age", &Milliseconds(figures.strict_worst))?;
        row("reads that went back before an acknowledgement", &figures.back)?;
        row("answers of 5xx", &figures.server_errors)?;
        row("promises broken", &figures.broken)
    }
}

struct Milliseconds(Duration);

impl fmt::Display for Milliseconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} ms", self.0.as_secs_f64() * 1000.0)
    }
}
