//! The scheduled tasks that delete expired idempotency keys and finished jobs.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::TimeDelta;
use domain::idempotency::RETENTION_HOURS;
use domain::{ServiceError, Time};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};

use super::old_rows::{OldRows, Since};
use super::scheduler::ScheduledTask;
use super::timing;
use crate::db::{Database, Keys, Tx, execute, service_error};

/// Idempotency keys whose retention has ended, with their outcomes.
pub(crate) const OLD_IDEMPOTENCY_KEYS: OldRows = OldRows {
    age: TimeDelta::hours(RETENTION_HOURS),
    ..OldRows::of("purge_idempotency_keys", "idempotency_keys", "owner, key", Since::Time("created_at"))
};

/// How long finished jobs are kept, in days.
const KEPT_DAYS: i64 = 30;

/// Deletes jobs that ended more than 30 days ago, with their attempts, and adds them to the totals.
pub(crate) struct PurgeJobs(pub(crate) Database);

/// A job that was deleted.
#[derive(FromQueryResult)]
pub(super) struct Deleted {
    kind: String,
    state: String,
}

#[async_trait]
impl ScheduledTask for PurgeJobs {
    fn name(&self) -> &'static str {
        "purge_jobs"
    }

    async fn run(&self, now: Time) -> Result<u64, ServiceError> {
        let (db, ended) = (self.0.reader(), now - TimeDelta::days(KEPT_DAYS));
        let first = Statement::from_sql_and_values(
            db.get_database_backend(),
            "SELECT kind, state FROM jobs WHERE finished_at < $1 ORDER BY finished_at LIMIT 1",
            [ended.into()],
        );
        if Deleted::find_by_statement(first).one(db).await.map_err(service_error)?.is_none() {
            return Ok(0);
        }
        self.0.write(Keys::none(), move |tx| async move { purge(&tx, ended).await }).await
    }
}

async fn purge(tx: &Tx, ended: Time) -> Result<u64, ServiceError> {
    let backend = tx.get_database_backend();
    let claim = if backend == DbBackend::Postgres { "FOR UPDATE SKIP LOCKED" } else { "" };
    let sql = format!(
        "DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE finished_at < $1 ORDER BY finished_at LIMIT $2 {claim})
         RETURNING kind, state"
    );
    let at_most = i64::try_from(timing::BATCH).map_err(ServiceError::bug)?;
    let statement = Statement::from_sql_and_values(backend, sql, [ended.into(), at_most.into()]);
    let deleted = Deleted::find_by_statement(statement).all(&**tx).await.map_err(service_error)?;
    let count = u64::try_from(deleted.len()).map_err(ServiceError::bug)?;
    add_totals(tx, deleted).await?;
    Ok(count)
}

/// Adds deleted jobs to the totals.
pub(super) async fn add_totals(tx: &Tx, deleted: Vec<Deleted>) -> Result<(), ServiceError> {
    for ((kind, state), purged) in totals(deleted) {
        let sql = "INSERT INTO job_totals (kind, state, purged) VALUES ($1, $2, $3)
                   ON CONFLICT (kind, state) DO UPDATE SET purged = job_totals.purged + excluded.purged";
        let values: [Value; 3] = [kind.into(), state.into(), purged.into()];
        execute(tx, sql, values).await?;
    }
    Ok(())
}

/// The number of deleted jobs by kind and state, in one order for all transactions.
fn totals(deleted: Vec<Deleted>) -> BTreeMap<(String, String), i64> {
    let mut totals = BTreeMap::new();
    for Deleted { kind, state } in deleted {
        *totals.entry((kind, state)).or_default() += 1;
    }
    totals
}
