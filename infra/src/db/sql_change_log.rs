//! The change log in the database.
//!
//! On Postgres the position of a change is its transaction's id and the horizon is the oldest transaction that still runs
//! (`pg_snapshot_xmin`): every change below it is visible to all. On SQLite there is one writer, so ids are in commit order.
//!
//! Each statement of the tail also reads the time of the database and the offset of tests, and sets the product's clock by them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use domain::{ServiceError, Time};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};
use tokio::runtime::Handle;

use super::change_log::{Change, ChangeLog, Poll, Position};
use super::database::Tx;
use super::error::{missing, service_error};
use super::pools::Pools;
use super::product_time::now_ms;
use super::reader::Reader;
use crate::clock::{ProductClock, TimeReading};

/// The number of changes that one statement reads. It must complete within its time-out on a slow machine.
const PAGE: usize = 10_000;

/// The log on SQL.
pub(crate) struct SqlChangeLog {
    pools: Pools,
    /// The connections of the tail. Cached values can be validated even while requests use all other connections.
    tail: Reader,
    clock: Arc<ProductClock>,
}

impl SqlChangeLog {
    /// Connects to the log of a database, whose polls set `clock`. The connections of the tail belong to the `background` runtime.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn connect(
        url: &str,
        pools: Pools,
        clock: Arc<ProductClock>,
        background: &Handle,
    ) -> Result<Self, ServiceError> {
        let url = url.to_owned();
        let tail = background.spawn(async move { Pools::connect_tail(&url).await });
        Ok(Self { pools, tail: tail.await.map_err(ServiceError::bug)??, clock })
    }

    async fn read(&self, changes: &str, values: impl IntoIterator<Item = Value>) -> Result<Poll, ServiceError> {
        let db = &self.tail;
        let (horizon, now_ms) = (horizon(db.get_database_backend()), now_ms(db.get_database_backend()));
        // An outer join returns the horizon even if there are no changes. The conditions on the two rows tell the planner of Postgres
        // that they are single: without them it expects a huge result and compiles the statement at each poll (JIT).
        let sql = format!(
            "SELECT {horizon} AS horizon, h.pruned_below, {now_ms} AS now_ms, c.offset_ms, l.id, l.position, l.key
             FROM cache_log_horizon h JOIN product_clock c ON c.id = h.id LEFT JOIN ({changes}) l ON 1 = 1
             WHERE h.id = 1 AND c.id = 1"
        );
        let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
        let asked = Instant::now();
        let rows = Row::find_by_statement(statement).all(db).await.map_err(service_error)?;
        let answered = Instant::now();
        let first = rows.first().ok_or_else(|| missing("change log horizon"))?;
        let (horizon, pruned_below) = (first.horizon, first.pruned_below);
        self.clock.synchronise(&TimeReading { database_ms: first.now_ms, offset_ms: first.offset_ms, asked, answered });
        Ok(Poll { horizon, pruned_below, changes: rows.into_iter().filter_map(Row::change).collect() })
    }
}

/// The size of the next page, as a value for a statement.
fn page_of(remaining: usize) -> Result<Value, ServiceError> {
    Ok(i64::try_from(remaining.min(PAGE)).map_err(ServiceError::bug)?.into())
}

#[derive(FromQueryResult)]
struct Row {
    horizon: i64,
    pruned_below: i64,
    now_ms: i64,
    offset_ms: Option<i64>,
    id: Option<i64>,
    position: Option<i64>,
    key: Option<String>,
}

impl Row {
    fn change(self) -> Option<Change> {
        Some(Change { id: self.id?, position: self.position?, key: self.key? })
    }
}

#[derive(FromQueryResult)]
struct PositionRow {
    position: i64,
}

fn horizon(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => "pg_snapshot_xmin(pg_current_snapshot())::text::bigint",
        _ => "(SELECT COALESCE(MAX(id), 0) + 1 FROM cache_log)",
    }
}

/// Appends a row per key in a write's own transaction. Returns the write's position in the log.
pub(super) async fn append(tx: &Tx, keys: &BTreeSet<&str>, now: Time) -> Result<Position, ServiceError> {
    if keys.is_empty() {
        return Ok(Position::MIN);
    }
    let backend = tx.get_database_backend();
    let (position, returned) = match backend {
        DbBackend::Postgres => ("pg_current_xact_id()::text::bigint", "position"),
        _ => ("0", "id AS position"),
    };
    let rows: Vec<String> = (2..).take(keys.len()).map(|n| format!("({position}, ${n}, $1)")).collect();
    let sql = format!("INSERT INTO cache_log (position, key, created_at) VALUES {} RETURNING {returned}", rows.join(", "));
    let values = std::iter::once(Value::from(now)).chain(keys.iter().map(|key| Value::from(*key)));
    let appended = PositionRow::find_by_statement(Statement::from_sql_and_values(backend, sql, values))
        .all(&**tx)
        .await
        .map_err(service_error)?;
    appended.into_iter().map(|row| row.position).max().ok_or_else(|| missing("change log"))
}

#[async_trait]
impl ChangeLog for SqlChangeLog {
    async fn horizon(&self) -> Result<Position, ServiceError> {
        let db = self.pools.reader();
        let sql = format!("SELECT {} AS position", horizon(db.get_database_backend()));
        let row = PositionRow::find_by_statement(Statement::from_string(db.get_database_backend(), sql))
            .one(db)
            .await
            .map_err(service_error)?;
        Ok(row.ok_or_else(|| missing("horizon"))?.position)
    }

    async fn poll(&self, from: Position) -> Result<Poll, ServiceError> {
        let changes = match self.pools.reader().get_database_backend() {
            DbBackend::Postgres => "SELECT id, position, key FROM cache_log WHERE position >= $1",
            _ => "SELECT id, id AS position, key FROM cache_log WHERE id >= $1",
        };
        self.read(changes, [from.into()]).await
    }

    async fn recent(&self, limit: usize) -> Result<Poll, ServiceError> {
        let position = match self.pools.reader().get_database_backend() {
            DbBackend::Postgres => "position",
            _ => "id AS position",
        };
        let sql = format!("SELECT id, {position}, key FROM cache_log WHERE id < $1 ORDER BY id DESC LIMIT $2");
        let mut recent = self.read(&sql, [i64::MAX.into(), page_of(limit)?]).await?;
        while let Some(oldest) = recent.changes.iter().map(|change| change.id).min().filter(|_| recent.changes.len() < limit) {
            let page = self.read(&sql, [oldest.into(), page_of(limit - recent.changes.len())?]).await?;
            if page.changes.is_empty() {
                break;
            }
            // The horizon of the first page is kept: later changes are above it. Rows may have been pruned between the pages.
            recent.pruned_below = recent.pruned_below.max(page.pruned_below);
            recent.changes.extend(page.changes);
        }
        Ok(recent)
    }

    async fn prune(&self, before: Time) -> Result<(), ServiceError> {
        let pools = self.pools.clone();
        // In its own task, like every write: see `Database::write`.
        let task = tokio::spawn(async move {
            let tx = Tx::new(pools.begin().await?);
            let pruned = prune(&tx, before).await;
            let tx = Tx::into_inner(tx)
                .ok_or_else(|| ServiceError::bug("the pruning of the change log did not release its transaction"))?;
            match pruned {
                Ok(()) => tx.commit().await.map_err(service_error),
                Err(error) => tx.rollback().await.map_err(service_error).and(Err(error)),
            }
        });
        task.await.map_err(ServiceError::bug)?
    }
}

/// Deletes rows older than `before` and stores the position up to which they were deleted. The newest row stays, since the horizon
/// on SQLite is computed from it.
async fn prune(tx: &Tx, before: Time) -> Result<(), ServiceError> {
    let backend = tx.get_database_backend();
    let position = if backend == DbBackend::Postgres { "position" } else { "id" };
    let old = "created_at < $1 AND id < (SELECT MAX(id) FROM cache_log)";
    let raise = format!(
        "UPDATE cache_log_horizon SET pruned_below = (SELECT MAX({position}) + 1 FROM cache_log WHERE {old})
         WHERE pruned_below < (SELECT MAX({position}) + 1 FROM cache_log WHERE {old})"
    );
    for sql in [raise, format!("DELETE FROM cache_log WHERE {old}")] {
        tx.execute_raw(Statement::from_sql_and_values(backend, sql, [before.into()])).await.map_err(service_error)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::test_database::TestDatabase;

    #[tokio::test]
    async fn recent_changes_are_read_in_pages_up_to_the_limit() {
        let database = TestDatabase::migrated().await;
        let pools = &database.pools;
        let tx = pools.begin().await.unwrap();
        let many = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25000)
            INSERT INTO cache_log (position, key, created_at) SELECT 0, 'key ' || i, '2026-01-01T00:00:00+00:00' FROM n";
        tx.execute_unprepared(many).await.unwrap();
        tx.commit().await.unwrap();
        let log = database.log().await;
        for (limit, read) in [(9_000, 9_000), (PAGE, PAGE), (20_001, 20_001), (25_000, 25_000), (50_000, 25_000)] {
            let poll = log.recent(limit).await.unwrap();
            let mut ids: Vec<i64> = poll.changes.iter().map(|change| change.id).collect();
            ids.sort_unstable();
            ids.dedup();
            assert_eq!((ids.len(), ids.last().copied(), poll.horizon), (read, Some(25_000), 25_001), "limit {limit}");
            assert_eq!(ids[0], 25_001 - i64::try_from(read).unwrap());
        }
    }
}
