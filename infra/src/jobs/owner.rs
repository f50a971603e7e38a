//! The jobs of a user whose account is suspended or deleted.

use domain::ids::UserId;
use domain::{ServiceError, Time};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};

use super::purge::{Deleted, add_totals};
use crate::db::{Tx, execute, service_error};

/// The condition for the jobs of the user `$1`, and for those of the site about that user.
const OF_USER: &str = "(owner_id = $1 OR subject_id = $1)";

/// Cancels the jobs that belong to a user and wait to start. Running ones go on.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn cancel_waiting(tx: &Tx, owner: UserId, now: Time) -> Result<(), ServiceError> {
    cancel_waiting_where(tx, "owner_id = $1", owner, now).await
}

/// Cancels the jobs of a user and about a user that wait to start, and asks those that run to stop.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn cancel_all(tx: &Tx, owner: UserId, now: Time) -> Result<(), ServiceError> {
    cancel_waiting_where(tx, OF_USER, owner, now).await?;
    let sql = format!(
        "UPDATE jobs SET cancel_requested = TRUE, version = version + 1 WHERE {OF_USER} AND state = 'running' AND NOT cancel_requested"
    );
    execute(tx, &sql, [owner.to_string().into()]).await.map(drop)
}

async fn cancel_waiting_where(tx: &Tx, condition: &str, owner: UserId, now: Time) -> Result<(), ServiceError> {
    let sql = format!(
        "UPDATE jobs SET state = 'canceled', finished_at = $2, version = version + 1
         WHERE {condition} AND state IN ('scheduled', 'queued')"
    );
    execute(tx, &sql, [owner.to_string().into(), now.into()]).await.map(drop)
}

/// Whether a job of a user has not ended.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn has_open(db: &impl ConnectionTrait, owner: UserId) -> Result<bool, ServiceError> {
    let sql = format!("SELECT kind, state FROM jobs WHERE {OF_USER} AND finished_at IS NULL LIMIT 1");
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [owner.to_string().into()]);
    Ok(Deleted::find_by_statement(statement).one(db).await.map_err(service_error)?.is_some())
}

/// Deletes finished jobs of a user with their attempts, and adds them to the totals. Returns their number.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn erase_finished(tx: &Tx, owner: UserId, at_most: u64) -> Result<u64, ServiceError> {
    let backend = tx.get_database_backend();
    let lock = if backend == DbBackend::Postgres { "FOR UPDATE" } else { "" };
    let sql = format!(
        "DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE {OF_USER} AND finished_at IS NOT NULL ORDER BY id LIMIT $2 {lock})
         RETURNING kind, state"
    );
    let values: [Value; 2] = [owner.to_string().into(), i64::try_from(at_most).map_err(ServiceError::bug)?.into()];
    let statement = Statement::from_sql_and_values(backend, sql, values);
    let deleted = Deleted::find_by_statement(statement).all(&**tx).await.map_err(service_error)?;
    let count = u64::try_from(deleted.len()).map_err(ServiceError::bug)?;
    add_totals(tx, deleted).await?;
    Ok(count)
}
