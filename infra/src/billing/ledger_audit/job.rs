//! The job that audits the ledger each night.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::billing::ledger_audit::AuditService;
use serde_json::json;

use super::SqlAudit;
use crate::jobs::{Done, Failure, JobKind, Queue, Run, Spec};

/// Audits the ledger. Its result says whether every invariant holds; findings are logged, and shown by an audit on demand.
pub(crate) struct AuditLedger(pub(crate) Arc<SqlAudit>);

#[async_trait]
impl JobKind for AuditLedger {
    type Payload = ();
    const SPEC: Spec =
        Spec { name: "audit_ledger", queue: Queue::Heavy, priority: 0, max_attempts: 5, deadline: Duration::from_mins(30) };

    async fn run(&self, (): (), _: &Run) -> Result<Done, Failure> {
        let audit = self.0.audit().await?;
        for finding in &audit.findings {
            tracing::error!(?finding, "the ledger violates an invariant");
        }
        Ok(Done::with(json!({"ok": audit.ok, "findings": audit.findings.len(), "more": audit.more})))
    }
}
