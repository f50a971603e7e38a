//! The audit of the books, for administrators.

use std::sync::Arc;

use domain::billing::ledger_audit as audit;
use domain::billing::ledger_audit::AuditService;
use poem_openapi::{Enum, Object, OpenApi};
use serde_json::{Value, json};

use crate::http::principal::Administrator;
use crate::http::problem::Result;
use crate::http::reply::{Reply, ResponseBody, Secret};
use crate::http::tags::Tag;

/// The operations.
pub(crate) struct AuditApi(pub(crate) Arc<dyn AuditService>);

#[OpenApi(tag = "Tag::Admin")]
impl AuditApi {
    /// Audit the books
    ///
    /// Recomputes the invariants of the ledger from every row, and names the rows of which one does not hold. It reads all of the ledger.
    #[oai(path = "/v1/admin/invariants", method = "get", operation_id = "auditBooks")]
    async fn audit(&self, _actor: Administrator) -> Result<Reply<Audit, Secret>> {
        Ok(Reply::of(&self.0.audit().await?)?)
    }
}

/// What must hold of the ledger. `I1`: 0 ≤ held ≤ balance. `I2`: the balance is the sum of entries and of what lots have left, numbers have
/// no gaps, balances follow from each other. `I3`: what is held is the sum of open holds and of what is held of lots. `I4`: all
/// accounts together hold zero. `I5`: a hold ends once, refunded ≤ captured ≤ amount. `I6`: one grant per key. `I7`: entries stay.
/// `I9`: coins came for what was paid, and went back with it. The eighth, that a spend is decided on the locked row, cannot be seen in rows.
#[derive(Enum)]
#[oai(remote = "audit::Invariant")]
enum Invariant {
    I1,
    I2,
    I3,
    I4,
    I5,
    I6,
    I7,
    I9,
}

/// What a finding is about: a row, or the whole ledger.
#[derive(Enum)]
#[oai(rename_all = "snake_case", rename = "AuditSubject", remote = "audit::Subject")]
enum Subject {
    User,
    Lot,
    Hold,
    Entry,
    Payment,
    Platform,
}

/// A row, or the whole ledger, of which an invariant does not hold.
#[derive(Object)]
#[oai(rename = "AuditFinding")]
struct Finding {
    invariant: Invariant,
    subject: Subject,
    /// The row's id, as the row says it; absent for the whole ledger.
    id: Option<String>,
    /// What was found, in words.
    detail: String,
}

/// How many rows were looked at.
#[derive(Object)]
#[oai(rename = "AuditedRows")]
struct Checked {
    /// Accounts.
    accounts: i64,
    /// Lots.
    lots: i64,
    /// Holds.
    holds: i64,
    /// Entries.
    entries: i64,
    /// Payments.
    payments: i64,
}

/// What an audit of the books came to.
#[derive(Object)]
pub(crate) struct Audit {
    /// Nothing was found.
    ok: bool,
    checked: Checked,
    /// What was found, at most a hundred.
    findings: Vec<Finding>,
    /// There is more than these.
    more: bool,
}

impl ResponseBody for Audit {
    type View = audit::Audit;

    fn example() -> Value {
        json!({
            "ok": false,
            "checked": {"accounts": 120, "lots": 431, "holds": 5310, "entries": 5988, "payments": 310},
            "findings": [{
                "invariant": "I2", "subject": "user", "id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D",
                "detail": "the balance is 500, the entries make 443",
            }],
            "more": false,
        })
    }
}
