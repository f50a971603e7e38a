//! The audit of the ledger, for administrators.

use std::sync::Arc;
use std::time::Duration;

use domain::billing::ledger_audit::{Audit, AuditService};
use domain::limits::Limit;
use poem_openapi::OpenApi;
use serde_json::{Value, json};

use crate::http::limits::{Limits, Rate, Stated};
use crate::http::principal::Administrator;
use crate::http::problem::Result;
use crate::http::reply::{Reply, ResponseBody, Secret};
use crate::http::tags::Tag;

/// Operations on the audit.
pub(crate) struct AuditApi(pub(crate) Arc<dyn AuditService>);

impl AuditApi {
    /// Limits of single operations. The audit reads the whole ledger.
    pub(crate) const LIMITS: Stated = &[(
        "auditLedger",
        Limits { timeout: Duration::from_mins(5), rate: Some(Rate::Own(Limit::per(120, 60))), ..Limits::DEFAULT },
    )];
}

#[OpenApi(tag = "Tag::Admin")]
impl AuditApi {
    /// Audit the ledger
    ///
    /// Recomputes the ledger's invariants from every row and lists the rows that violate them. It reads the whole ledger.
    #[oai(path = "/v1/admin/invariants", method = "get", operation_id = "auditLedger")]
    async fn audit(&self, _actor: Administrator) -> Result<Reply<Audit, Secret>> {
        Ok(Reply::of(&self.0.audit().await?)?)
    }
}

impl ResponseBody for Audit {
    fn example() -> Value {
        json!({
            "ok": false,
            "checked": {"accounts": 120, "lots": 431, "holds": 5310, "entries": 5988, "payments": 310, "jobs": 2150},
            "findings": [{
                "invariant": "I2", "subject": "user", "id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D",
                "detail": "the balance is 500, the entries make 443",
            }],
            "more": false,
        })
    }
}
