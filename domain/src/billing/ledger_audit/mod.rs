//! The audit of the books: what must hold of every row of the ledger and of every payment, recomputed from the rows.

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ServiceError;

/// How many findings an audit tells at most; more help nobody.
pub const MAX_FINDINGS: usize = 100;

/// What must hold of the ledger. An eighth, that a spend is decided on the locked row, cannot be seen in rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Invariant {
    /// 0 ≤ held ≤ balance.
    I1,
    /// The balance is the sum of the entries and of what the lots have left; numbers have no gaps, balances follow from each other.
    I2,
    /// What is held is the sum of the open holds, and of what is held of the lots.
    I3,
    /// The accounts of all users and the platform's together hold zero.
    I4,
    /// A hold ends once; refunded ≤ captured ≤ amount.
    I5,
    /// There is one grant per key.
    I6,
    /// Entries are never changed and never deleted.
    I7,
    /// What a payment was for was given once it had come, and taken back when it went back; and nothing was given without its payment.
    I9,
}

/// What a finding is about.
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
    /// The whole ledger.
    Platform,
}

/// A row, or the whole ledger, of which an invariant does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "AuditFinding")]
pub struct Finding {
    /// What does not hold.
    pub invariant: Invariant,
    /// What it is about.
    pub subject: Subject,
    /// The row, as it says itself; absent for the whole ledger.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What was found, in words.
    pub detail: String,
}

/// How many rows were looked at.
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
}

/// What an audit came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Audit {
    /// Nothing was found.
    pub ok: bool,
    /// What was looked at.
    pub checked: Checked,
    /// What was found, at most [`MAX_FINDINGS`].
    pub findings: Vec<Finding>,
    /// There is more than these.
    pub more: bool,
}

impl Audit {
    /// An audit with all that was found.
    #[must_use]
    pub fn of(checked: Checked, mut findings: Vec<Finding>) -> Self {
        let more = findings.len() > MAX_FINDINGS;
        findings.truncate(MAX_FINDINGS);
        Self { ok: findings.is_empty(), checked, findings, more }
    }
}

/// Audits the books. Who may ask is for whoever hands the answer on to say.
#[async_trait]
pub trait AuditService: Send + Sync {
    /// Recomputes every invariant from all rows as they are at one moment.
    ///
    /// # Errors
    /// Only faults.
    async fn audit(&self) -> Result<Audit, ServiceError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audit_is_good_only_without_findings_and_says_when_it_stopped_telling() {
        let finding = || Finding { invariant: Invariant::I1, subject: Subject::Platform, id: None, detail: String::new() };
        let audit = |count| Audit::of(Checked::default(), std::iter::repeat_with(finding).take(count).collect());
        let told = |audit: Audit| (audit.ok, audit.findings.len(), audit.more);
        assert_eq!(told(audit(0)), (true, 0, false));
        assert_eq!(told(audit(100)), (false, 100, false));
        assert_eq!(told(audit(101)), (false, 100, true));
    }
}
