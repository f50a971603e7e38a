//! The ledger audit: recomputes the invariants of the coin ledger, of payments and of the books of jobs, and lists the rows that violate them.

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ServiceError;

/// Maximum number of findings in an audit.
pub const MAX_FINDINGS: usize = 100;

/// An invariant of the ledger. An eighth, that a spend is decided on the locked row, cannot be checked from rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Invariant {
    /// 0 ≤ held ≤ balance.
    I1,
    /// The balance is the sum of the entries and of the coins left in the lots; sequence numbers have no gaps and each balance follows
    /// from the one before. Of each lot, granted = remaining + spent + expired + taken.
    I2,
    /// The held coins are the sum of the open holds and of the held coins of the lots.
    I3,
    /// All accounts of users and of the platform sum to zero. Clawed back = clawbacks − restores = what was taken of the lots.
    I4,
    /// A hold ends once; refunded ≤ captured ≤ amount. Its refunds are entries, and lots.
    I5,
    /// Every key has one grant.
    I6,
    /// Entries are never changed and never deleted.
    I7,
    /// A received payment has its grant, and every such grant has its payment. A lot's target follows its payment: what is not taken of it
    /// is owed, and no coins are free while some are owed.
    I9,
    /// Every charge of a provider is one payment; every claim of a job has one attempt, and the attempts make the job's state and counts.
    I10,
}

/// The subject of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "AuditSubject")]
pub enum Subject {
    /// A user's account, by the user's id.
    User,
    /// A lot.
    Lot,
    /// A hold.
    Hold,
    /// An entry.
    Entry,
    /// A payment.
    Payment,
    /// A job.
    Job,
    /// The whole ledger.
    Platform,
}

/// A row, or the whole ledger, that violates an invariant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "AuditFinding")]
pub struct Finding {
    /// The violated invariant.
    pub invariant: Invariant,
    /// Kind of row.
    pub subject: Subject,
    /// Identifier of the row; absent for the whole ledger.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Description of the violation.
    pub detail: String,
}

/// Number of rows that were checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "AuditedRows")]
pub struct Checked {
    /// Accounts.
    pub accounts: i64,
    /// Lots.
    pub lots: i64,
    /// Holds.
    pub holds: i64,
    /// Entries.
    pub entries: i64,
    /// Payments.
    pub payments: i64,
    /// Jobs.
    pub jobs: i64,
}

/// The result of an audit of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Audit {
    /// No invariant is violated.
    pub ok: bool,
    /// Rows that were checked.
    pub checked: Checked,
    /// Violations, at most 100.
    pub findings: Vec<Finding>,
    /// There are more violations than these.
    pub more: bool,
}

impl Audit {
    /// An audit from all findings; it keeps the first [`MAX_FINDINGS`].
    #[must_use]
    pub fn of(checked: Checked, mut findings: Vec<Finding>) -> Self {
        let more = findings.len() > MAX_FINDINGS;
        findings.truncate(MAX_FINDINGS);
        Self { ok: findings.is_empty(), checked, findings, more }
    }
}

/// The ledger audit. The caller checks who may run it.
#[async_trait]
pub trait AuditService: Send + Sync {
    /// Checks every invariant against one consistent snapshot of all rows.
    ///
    /// # Errors
    /// [`ServiceError`] only.
    async fn audit(&self) -> Result<Audit, ServiceError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audit_is_ok_only_without_findings_and_marks_omitted_ones() {
        let finding = || Finding { invariant: Invariant::I1, subject: Subject::Platform, id: None, detail: String::new() };
        let audit = |count| Audit::of(Checked::default(), std::iter::repeat_with(finding).take(count).collect());
        let summary = |audit: Audit| (audit.ok, audit.findings.len(), audit.more);
        assert_eq!(summary(audit(0)), (true, 0, false));
        assert_eq!(summary(audit(100)), (false, 100, false));
        assert_eq!(summary(audit(101)), (false, 100, true));
    }
}
