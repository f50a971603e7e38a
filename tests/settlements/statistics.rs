//! The counts of a run.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use super::caller::{Asked, Outcome};
use super::failure_log::FailureLog;
use super::records::Records;
use super::recovery::Recovery;

/// The number of findings reported in full.
const REPORTED: usize = 20;

/// Counts of one run.
#[derive(Default)]
pub struct Statistics {
    /// Requests without an acknowledgement.
    pub unknown: u64,
    pub acknowledged: u64,
    /// Kills of servers and workers.
    pub kills: u64,
    /// Exits during a start, because the database did not respond.
    pub failed_starts: u64,
    pub postgres_restarts: usize,
    pub redis_restarts: u64,
    /// From the first request to the end of the last job.
    pub took: Duration,
    /// Jobs by state.
    jobs: BTreeMap<String, u64>,
    attempts: BTreeMap<String, u64>,
    mails: usize,
    /// Lost attempts whose worker had not been killed.
    not_killed: u64,
    /// From the death of a worker to the next attempt of a job, in milliseconds, the shortest first.
    recovered: Vec<i64>,
    /// The output of `atelier audit`.
    pub audited: String,
    pub findings: Vec<String>,
}

impl Statistics {
    /// Counts what was recorded.
    pub fn add(&mut self, asked: &[Asked], records: &Records, failures: &FailureLog, recovery: Recovery) {
        self.acknowledged = asked.iter().filter(|asked| asked.outcome == Outcome::Acknowledged).count() as u64;
        self.unknown = asked.len() as u64 - self.acknowledged;
        records.jobs.values().for_each(|job| *self.jobs.entry(job.state.clone()).or_default() += 1);
        records.attempts().for_each(|attempt| *self.attempts.entry(attempt.outcome.clone()).or_default() += 1);
        (self.mails, self.postgres_restarts, self.redis_restarts) = (records.mails.len(), failures.outages.len(), failures.redis);
        (self.not_killed, self.recovered) = (recovery.not_killed, recovery.times);
        self.findings.extend(recovery.findings);
    }

    /// The number of attempts that ran again because their worker was killed.
    pub fn recovered(&self) -> usize {
        self.recovered.len()
    }

    /// Asserts that there are no findings.
    #[track_caller]
    pub fn assert_no_findings(&self) {
        let reported = &self.findings[..self.findings.len().min(REPORTED)];
        assert!(reported.is_empty(), "{} findings, the first of them:\n{}", self.findings.len(), reported.join("\n"));
    }

    /// The median and the greatest of the times to the next attempt.
    fn recovery_times(&self) -> String {
        let seconds = |milliseconds: i64| format!("{}.{:03}", milliseconds / 1000, milliseconds % 1000);
        match (self.recovered.get(self.recovered.len() / 2), self.recovered.last()) {
            (Some(median), Some(greatest)) => format!("{}, {}", seconds(*median), seconds(*greatest)),
            _ => "none".to_owned(),
        }
    }
}

impl fmt::Display for Statistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut row = |name: &str, value: &dyn fmt::Display| writeln!(f, "  {name:<52} {value}");
        row("requests acknowledged", &self.acknowledged)?;
        row("requests without an acknowledgement", &self.unknown)?;
        for (state, count) in &self.jobs {
            row(&format!("jobs {state}"), count)?;
        }
        for (outcome, count) in &self.attempts {
            row(&format!("  attempts {outcome}"), count)?;
        }
        row("mails kept", &self.mails)?;
        row("servers and workers killed", &self.kills)?;
        row("  exits during the start", &self.failed_starts)?;
        row("crashes of Postgres", &self.postgres_restarts)?;
        row("restarts of Redis", &self.redis_restarts)?;
        row("attempts that ran again after a kill", &self.recovered.len())?;
        row("  seconds from the kill, median and greatest", &self.recovery_times())?;
        row("  lost although the worker was not killed", &self.not_killed)?;
        row("seconds", &format_args!("{:.1}", self.took.as_secs_f64()))?;
        let jobs: u64 = self.jobs.values().sum();
        row("jobs enqueued and settled a second", &(u128::from(jobs) * 1000 / self.took.as_millis().max(1)))?;
        row("audit", &self.audited)?;
        row("findings", &self.findings.len())
    }
}
