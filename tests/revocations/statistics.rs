//! The counts of a run.

use std::collections::BTreeMap;
use std::fmt;

/// The number of findings reported in full.
const REPORTED: usize = 20;

/// Counts of one run.
#[derive(Default)]
pub struct Statistics {
    /// Acknowledged revocations by way.
    pub acknowledged: BTreeMap<&'static str, u64>,
    /// Rounds without an acknowledged revocation: a request had no response or was refused under load.
    pub skipped: u64,
    /// Uses of a credential after its revocation was acknowledged.
    pub uses: u64,
    /// Failures of Redis.
    pub failures: u64,
    /// Accepted uses after the acknowledgement.
    pub findings: Vec<String>,
}

impl Statistics {
    /// The number of acknowledged revocations.
    pub fn total(&self) -> u64 {
        self.acknowledged.values().sum()
    }
}

impl fmt::Display for Statistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (way, count) in &self.acknowledged {
            writeln!(f, "  {way:<42}{count:>8}")?;
        }
        writeln!(f, "  {:<42}{:>8}", "rounds without an acknowledgement", self.skipped)?;
        writeln!(f, "  {:<42}{:>8}", "failures of Redis", self.failures)?;
        writeln!(f, "  {:<42}{:>8}", "uses after the acknowledgement", self.uses)?;
        writeln!(f, "  {:<42}{:>8}", "accepted", self.findings.len())?;
        self.findings.iter().take(REPORTED).try_for_each(|finding| writeln!(f, "  {finding}"))
    }
}
