//! The audit of the ledger: SQL statements that find the rows that violate an invariant.
//!
//! All statements read one snapshot and change nothing. The invariants are in `domain`; access control is left to `api`.

mod checks;
mod job;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::ServiceError;
use domain::billing::ledger_audit::{Audit, AuditService, Checked, Finding, MAX_FINDINGS};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, FromQueryResult, IsolationLevel, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait,
};
use tokio::sync::Mutex;

pub(crate) use self::job::AuditLedger;

use self::checks::{CHECKS, Check, for_backend};
use crate::db::{Pools, missing, service_error};

/// Time-out of one statement. Each reads one or two whole tables.
const STATEMENT: Duration = Duration::from_mins(2);

const COUNTS: &str = "SELECT (SELECT COUNT(*) FROM coin_accounts) AS accounts, (SELECT COUNT(*) FROM coin_lots) AS lots,
    (SELECT COUNT(*) FROM coin_holds) AS holds, (SELECT COUNT(*) FROM coin_entries) AS entries,
    (SELECT COUNT(*) FROM payments) AS payments, (SELECT COUNT(*) FROM jobs) AS jobs";

/// The audit on SQL. One audit runs at a time, since each occupies a connection.
pub(crate) struct SqlAudit {
    pools: Pools,
    running: Arc<Mutex<()>>,
}

impl SqlAudit {
    /// The audit of a database.
    pub(crate) fn new(pools: Pools) -> Self {
        Self { pools, running: Arc::default() }
    }
}

/// A row that violates an invariant.
#[derive(FromQueryResult)]
struct Violation {
    id: Option<String>,
    detail: String,
}

#[derive(FromQueryResult)]
struct Counts {
    accounts: i64,
    lots: i64,
    holds: i64,
    entries: i64,
    payments: i64,
    jobs: i64,
}

#[async_trait]
impl AuditService for SqlAudit {
    async fn audit(&self) -> Result<Audit, ServiceError> {
        let pool = self.pools.reader().connection();
        let running = Arc::clone(&self.running).try_lock_owned();
        let running = running
            .map_err(|_| ServiceError::unavailable("an audit is already running on this server; retry when it has completed"))?;
        // In its own task: a future that is dropped while a transaction begins would leave it open in the pool.
        let audit = tokio::spawn(async move {
            let tx = pool.begin_with_options(snapshot(pool.get_database_backend())).await.map_err(service_error)?;
            let audit = audit(&tx).await;
            tx.rollback().await.map_err(service_error)?;
            drop(running);
            audit
        });
        audit.await.map_err(ServiceError::bug)?
    }
}

/// The options of a transaction that reads one snapshot and takes no locks.
fn snapshot(backend: DbBackend) -> TransactionOptions {
    match backend {
        DbBackend::Sqlite => {
            TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Deferred), ..Default::default() }
        }
        _ => TransactionOptions { isolation_level: Some(IsolationLevel::RepeatableRead), ..Default::default() },
    }
}

async fn audit(tx: &DatabaseTransaction) -> Result<Audit, ServiceError> {
    let backend = tx.get_database_backend();
    if backend == DbBackend::Postgres {
        let limit = format!("SET TRANSACTION READ ONLY; SET LOCAL statement_timeout = {}", STATEMENT.as_millis());
        tx.execute_unprepared(&limit).await.map_err(service_error)?;
    }
    let counts = Counts::find_by_statement(Statement::from_string(backend, COUNTS)).one(tx).await.map_err(service_error)?;
    let Counts { accounts, lots, holds, entries, payments, jobs } = counts.ok_or_else(|| missing("counts"))?;
    let mut findings = Vec::new();
    for check in CHECKS {
        if findings.len() <= MAX_FINDINGS {
            findings.extend(run(tx, check, MAX_FINDINGS + 1 - findings.len()).await?);
        }
    }
    Ok(Audit::of(Checked { accounts, lots, holds, entries, payments, jobs }, findings))
}

async fn run(tx: &DatabaseTransaction, check: &Check, limit: usize) -> Result<Vec<Finding>, ServiceError> {
    let backend = tx.get_database_backend();
    let sql = format!("{} ORDER BY 1 LIMIT {limit}", for_backend(check.sql, backend));
    let found = Violation::find_by_statement(Statement::from_string(backend, sql)).all(tx).await.map_err(service_error)?;
    let (invariant, subject) = (check.invariant, check.subject);
    Ok(found.into_iter().map(|Violation { id, detail }| Finding { invariant, subject, id, detail }).collect())
}
