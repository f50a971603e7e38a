//! The counts of a run.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use super::journal::Operation;

/// The number of findings reported in full.
const REPORTED: usize = 20;

/// Counts of one run.
#[derive(Default)]
pub struct Statistics {
    /// Sent requests, including those with a disconnect.
    pub requests: u64,
    disconnects: u64,
    /// Requests without a response from a killed server.
    pub without_response: u64,
    /// Responses that the key is in use.
    pub in_use: u64,
    /// Responses of 503 around a kill.
    pub unavailable: u64,
    /// Retries because there was no response yet.
    pub retried: u64,
    /// Operations with a final response.
    pub acknowledged: u64,
    pub kills: u64,
    /// Exits of servers during their start.
    pub failed_starts: u64,
    pub took: Duration,
    /// Operations by kind and status, and the number of replays.
    by_kind: BTreeMap<(&'static str, u16), u64>,
    replayed: u64,
    unknown: u64,
    /// The output of `atelier audit`.
    pub audited: String,
    /// The findings.
    pub findings: Vec<String>,
}

impl Statistics {
    /// Counts a request whose client disconnected.
    pub fn count_disconnect(&mut self) {
        self.requests += 1;
        self.disconnects += 1;
    }

    /// Counts an operation and its responses.
    pub fn add(&mut self, operation: &Operation) {
        self.replayed += operation.responses.iter().filter(|response| response.replayed).count() as u64;
        match operation.responses.first() {
            Some(first) => *self.by_kind.entry((operation.command.name(), first.status)).or_default() += 1,
            None => self.unknown += 1,
        }
    }

    /// Whether the run had every kind of operation, replays and enough disconnects.
    pub fn is_substantial(&self) -> bool {
        let has = |kind, status| self.by_kind.contains_key(&(kind, status));
        let all =
            [("grant", 201), ("spend", 201), ("spend", 402), ("hold", 201), ("capture", 200), ("void", 200), ("refund", 201)];
        self.disconnects * 10 > self.requests - self.without_response
            && self.replayed > 0
            && all.into_iter().all(|(kind, status)| has(kind, status))
    }

    /// Asserts that there are no findings.
    #[track_caller]
    pub fn assert_no_findings(&self) {
        let reported = &self.findings[..self.findings.len().min(REPORTED)];
        assert!(reported.is_empty(), "{} findings, the first of them:\n{}", self.findings.len(), reported.join("\n"));
    }
}

impl fmt::Display for Statistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut row = |name: &str, value: &dyn fmt::Display| writeln!(f, "  {name:<52} {value}");
        row("operations acknowledged", &self.acknowledged)?;
        for ((kind, status), count) in &self.by_kind {
            row(&format!("  {kind} {status}"), count)?;
        }
        row("operations without a response", &self.unknown)?;
        row("requests", &self.requests)?;
        row("  the client disconnected", &self.disconnects)?;
        row("  without a response from a killed server", &self.without_response)?;
        row("  503 around a kill", &self.unavailable)?;
        row("  the key is in use", &self.in_use)?;
        row("  retries", &self.retried)?;
        row("replays", &self.replayed)?;
        row("servers killed", &self.kills)?;
        row("  exits during the start", &self.failed_starts)?;
        row("seconds", &format_args!("{:.1}", self.took.as_secs_f64()))?;
        let rate = u128::from(self.acknowledged) * 1000 / self.took.as_millis().max(1);
        row("operations a second", &rate)?;
        row("audit", &self.audited)?;
        row("findings", &self.findings.len())
    }
}
