//! The rows of attempts. The state of a row is the theoretical arrival time of its limit, on the clock of the database.

use domain::ServiceError;
use domain::limits::Limit;
use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};

use crate::db::{Tx, execute, missing, service_error};

/// The key of a row. It names nobody who does not have the secret.
pub(super) type Account = [u8; 32];

/// The present time in microseconds, and the function of the greater of two numbers.
pub(super) fn clock(backend: DbBackend) -> (&'static str, &'static str) {
    match backend {
        DbBackend::Sqlite => ("CAST(unixepoch('subsec') * 1000000 AS INTEGER)", "MAX"),
        _ => ("CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)", "GREATEST"),
    }
}

/// The present time in microseconds, which an index on a time can be compared with: it is one time for the whole statement.
pub(super) fn statement_clock(backend: DbBackend) -> String {
    clock(backend).0.replace("clock_timestamp", "statement_timestamp")
}

/// Charges an attempt. Returns `false` if the limit refuses it.
pub(super) async fn charge(tx: &Tx, limit: Limit, account: Account) -> Result<bool, ServiceError> {
    let (now, greater) = clock(tx.get_database_backend());
    let (interval, burst) = (limit.interval_us(), limit.burst_us());
    let full = format!("{greater}(account_attempts.full_at_us, {now}) + {interval}");
    let sql = format!(
        "INSERT INTO account_attempts (account, full_at_us) VALUES ($1, {now} + {interval})
         ON CONFLICT (account) DO UPDATE SET full_at_us = {full} WHERE {full} - {now} <= {burst}"
    );
    changes(tx, sql, account).await
}

/// Refunds an attempt.
pub(super) async fn refund(tx: &Tx, limit: Limit, account: Account) -> Result<(), ServiceError> {
    let interval = limit.interval_us();
    let sql = format!("UPDATE account_attempts SET full_at_us = full_at_us - {interval} WHERE account = $1");
    changes(tx, sql, account).await.map(drop)
}

/// Makes all attempts available again.
pub(super) async fn clear(tx: &Tx, account: Account) -> Result<(), ServiceError> {
    changes(tx, "DELETE FROM account_attempts WHERE account = $1".to_owned(), account).await.map(drop)
}

async fn changes(tx: &Tx, sql: String, account: Account) -> Result<bool, ServiceError> {
    Ok(execute(tx, &sql, [bytes(account)]).await? > 0)
}

/// Microseconds until all attempts are available.
pub(super) async fn debt(tx: &Tx, account: Account) -> Result<i64, ServiceError> {
    let backend = tx.get_database_backend();
    let sql = format!("SELECT full_at_us - {} AS debt FROM account_attempts WHERE account = $1", clock(backend).0);
    let row = tx.query_one_raw(Statement::from_sql_and_values(backend, sql, [bytes(account)])).await.map_err(service_error)?;
    row.ok_or_else(|| missing("account attempts"))?.try_get("", "debt").map_err(service_error)
}

fn bytes(account: Account) -> Value {
    account.to_vec().into()
}
