//! The time of the database, and the offset by which tests have moved the time of the product.

use std::time::Instant;

use domain::{ServiceError, Time};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement};

use super::database::Tx;
use super::error::{missing, service_error};
use super::pools::Pools;
use crate::clock::TimeReading;

/// The time of the database in milliseconds since 1970. The clock of SQLite is that of its machine.
pub(super) fn now_ms(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => "floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint",
        _ => "CAST(round(unixepoch('now', 'subsec') * 1000) AS INTEGER)",
    }
}

#[derive(FromQueryResult)]
struct Row {
    now_ms: i64,
    offset_ms: Option<i64>,
}

/// Reads the time of the database and the offset.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn read_time(db: &impl ConnectionTrait) -> Result<TimeReading, ServiceError> {
    let backend = db.get_database_backend();
    let sql = format!("SELECT {} AS now_ms, offset_ms FROM product_clock WHERE id = 1", now_ms(backend));
    let asked = Instant::now();
    let row = Row::find_by_statement(Statement::from_string(backend, sql)).one(db).await.map_err(service_error)?;
    let Row { now_ms, offset_ms } = row.ok_or_else(|| missing("product clock"))?;
    Ok(TimeReading { database_ms: now_ms, offset_ms, asked, answered: Instant::now() })
}

/// Sets the offset so that the time of the product is `start`, unless it is later already. On a database whose time was never
/// moved, `start` may be in the past.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn start_time(pools: &Pools, start: Time) -> Result<(), ServiceError> {
    let tx = pools.begin().await?;
    set_offset(&tx, start, "offset_ms IS NULL OR offset_ms <").await.map_err(service_error)?;
    tx.commit().await.map_err(service_error)
}

/// Moves the time of the product forwards to `to`, in a write's own transaction. Returns `false` if `to` is in the past.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn move_time(tx: &Tx, to: Time) -> Result<bool, ServiceError> {
    let updated = set_offset(&**tx, to, "COALESCE(offset_ms, 0) <=").await.map_err(service_error)?;
    Ok(updated == 1)
}

/// Sets the offset to the difference between `to` and the time of the database, if `condition` holds of the difference.
async fn set_offset(db: &impl ConnectionTrait, to: Time, condition: &str) -> Result<u64, DbErr> {
    let backend = db.get_database_backend();
    let offset = format!("$1 - {}", now_ms(backend));
    let sql = format!("UPDATE product_clock SET offset_ms = {offset} WHERE {condition} {offset}");
    let statement = Statement::from_sql_and_values(backend, sql, [to.timestamp_millis().into()]);
    Ok(db.execute_raw(statement).await?.rows_affected())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::TimeDelta;
    use domain::Clock;

    use super::*;
    use crate::clock::{ProductClock, SystemClock};
    use crate::db::test_database::TestDatabase;

    async fn moved(pools: &Pools, to: Time) -> bool {
        let tx = Arc::new(pools.begin().await.unwrap());
        let moved = move_time(&tx, to).await.unwrap();
        Arc::into_inner(tx).unwrap().commit().await.unwrap();
        moved
    }

    #[tokio::test]
    async fn the_time_of_a_new_database_is_its_own_and_moves_forwards_only() {
        let pools = &TestDatabase::migrated().await.pools;
        let reading = read_time(pools.reader()).await.unwrap();
        let system = SystemClock.now().timestamp_millis();
        assert!((system - 5000..=system).contains(&reading.database_ms) && reading.offset_ms.is_none(), "{reading:?}");
        let year = SystemClock.now() + TimeDelta::days(365);
        assert!(moved(pools, year).await);
        assert!(!moved(pools, year - TimeDelta::seconds(60)).await);
        start_time(pools, year - TimeDelta::days(1)).await.unwrap();
        let clock = ProductClock::starting_from(&read_time(pools.reader()).await.unwrap());
        assert!(clock.now() >= year && clock.now() < year + TimeDelta::minutes(1));
    }

    #[tokio::test]
    async fn a_database_whose_time_was_never_moved_may_start_in_the_past() {
        let pools = &TestDatabase::migrated().await.pools;
        let past = Time::from_timestamp_millis(1_000_000).unwrap();
        start_time(pools, past).await.unwrap();
        let clock = ProductClock::starting_from(&read_time(pools.reader()).await.unwrap());
        assert!(clock.now() >= past && clock.now() < past + TimeDelta::minutes(1));
        assert!(moved(pools, past + TimeDelta::days(1)).await);
    }
}
