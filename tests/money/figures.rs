//! What a run has counted.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use super::journal::Operation;

/// Complaints that are told in full.
const TOLD: usize = 20;

/// Counts of one run.
#[derive(Default)]
pub struct Figures {
    /// Requests that were sent, those cut off included.
    pub requests: u64,
    cut: u64,
    /// Requests that a dying server left without an answer.
    pub unanswered: u64,
    /// Answers that another request under the key was under way.
    pub in_use: u64,
    /// Answers of 503 while a server died.
    pub unavailable: u64,
    /// Requests that were sent once more because there was no answer yet.
    pub retried: u64,
    /// Operations that were answered.
    pub acknowledged: u64,
    pub kills: u64,
    /// Servers that ended at their start and were started once more.
    pub failed_starts: u64,
    pub took: Duration,
    /// By kind and status, and how many answers were an earlier attempt's.
    by_kind: BTreeMap<(&'static str, u16), u64>,
    replayed: u64,
    unknown: u64,
    /// What `atelier audit` looked at.
    pub audited: String,
    /// What is wrong.
    pub findings: Vec<String>,
}

impl Figures {
    /// Counts a request that its client has cut off.
    pub fn count_cut(&mut self) {
        self.requests += 1;
        self.cut += 1;
    }

    /// Counts what clients wanted and heard.
    pub fn add(&mut self, operation: &Operation) {
        self.replayed += operation.heard.iter().filter(|heard| heard.replayed).count() as u64;
        match operation.heard.first() {
            Some(heard) => *self.by_kind.entry((operation.wish.name(), heard.status)).or_default() += 1,
            None => self.unknown += 1,
        }
    }

    /// Whether the run has tried what it is for.
    pub fn is_substantial(&self) -> bool {
        let tried = |kind, status| self.by_kind.contains_key(&(kind, status));
        let all =
            [("grant", 201), ("spend", 201), ("spend", 402), ("hold", 201), ("capture", 200), ("void", 200), ("refund", 201)];
        self.cut * 10 > self.requests - self.unanswered
            && self.replayed > 0
            && all.into_iter().all(|(kind, status)| tried(kind, status))
    }

    /// Demands that nothing is wrong.
    #[track_caller]
    pub fn demand_good_books(&self) {
        let told = &self.findings[..self.findings.len().min(TOLD)];
        assert!(told.is_empty(), "{} findings, the first of them:\n{}", self.findings.len(), told.join("\n"));
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut row = |name: &str, value: &dyn fmt::Display| writeln!(f, "  {name:<52} {value}");
        row("operations acknowledged", &self.acknowledged)?;
        for ((kind, status), count) in &self.by_kind {
            row(&format!("  {kind} {status}"), count)?;
        }
        row("operations whose client went away", &self.unknown)?;
        row("requests", &self.requests)?;
        row("  cut off by the client", &self.cut)?;
        row("  left without an answer by a dying server", &self.unanswered)?;
        row("  503 while a server died", &self.unavailable)?;
        row("  told that the key is in use", &self.in_use)?;
        row("  sent once more", &self.retried)?;
        row("answers that were replayed", &self.replayed)?;
        row("servers killed", &self.kills)?;
        row("  that ended at their next start, and were started again", &self.failed_starts)?;
        row("seconds", &format_args!("{:.1}", self.took.as_secs_f64()))?;
        let rate = u128::from(self.acknowledged) * 1000 / self.took.as_millis().max(1);
        row("operations a second", &rate)?;
        row("audit", &self.audited)?;
        row("findings", &self.findings.len())
    }
}
