//! The change log in the database.
//!
//! On Postgres the position of a change is its transaction's id and the horizon is the oldest transaction that still runs
//! (`pg_snapshot_xmin`): what lies below it is visible to everybody. On SQLite there is one writer, so ids are commit order.

use async_trait::async_trait;
use domain::{Fault, Time};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};

use super::database::{Database, Tx};
use super::error::{fault, missing};
use crate::aside;
use crate::cache::{Change, Log, Poll, Position};

/// How many changes one statement reads: it ends in time even on a machine that is hardly given any.
const PAGE: usize = 10_000;

/// The log on SQL.
pub(crate) struct SqlChangeLog {
    db: Database,
    /// The tail's own connection: when requests have taken every other one, what is cached can still be judged.
    tail: Database,
}

impl SqlChangeLog {
    /// The log of a database that is connected already.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn connect(url: &str, db: Database) -> Result<Self, Fault> {
        let url = url.to_owned();
        let tail = aside::spawn(async move { Database::connect_tail(&url).await }).await.map_err(Fault::bug)??;
        Ok(Self { db, tail })
    }

    async fn read(&self, changes: &str, values: impl IntoIterator<Item = Value>) -> Result<Poll, Fault> {
        let db = self.tail.reader();
        let horizon = horizon(db.get_database_backend());
        // An outer join, so that the horizon comes back even when no change does.
        let sql = format!(
            "SELECT {horizon} AS horizon, h.pruned_below, l.id, l.position, l.key
             FROM cache_log_horizon h LEFT JOIN ({changes}) l ON 1 = 1"
        );
        let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
        let rows = Row::find_by_statement(statement).all(db).await.map_err(fault)?;
        let first = rows.first().ok_or_else(|| missing("change log horizon"))?;
        let (horizon, pruned_below) = (first.horizon, first.pruned_below);
        Ok(Poll { horizon, pruned_below, changes: rows.into_iter().filter_map(Row::change).collect() })
    }
}

/// A page of what is left to read, for a statement.
fn page_of(left: usize) -> Result<Value, Fault> {
    Ok(i64::try_from(left.min(PAGE)).map_err(Fault::bug)?.into())
}

#[derive(FromQueryResult)]
struct Row {
    horizon: i64,
    pruned_below: i64,
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
struct At {
    position: i64,
}

fn horizon(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => "pg_snapshot_xmin(pg_current_snapshot())::text::bigint",
        _ => "(SELECT COALESCE(MAX(id), 0) + 1 FROM cache_log)",
    }
}

/// Leaves a row per key in a write's own transaction; answers where the write stands in the log.
pub(super) async fn leave(tx: &Tx, keys: &[String], now: Time) -> Result<Position, Fault> {
    if keys.is_empty() {
        return Ok(Position::MIN);
    }
    let backend = tx.get_database_backend();
    let (position, answer) = match backend {
        DbBackend::Postgres => ("pg_current_xact_id()::text::bigint", "position"),
        _ => ("0", "id AS position"),
    };
    let rows: Vec<String> = (2..).take(keys.len()).map(|n| format!("({position}, ${n}, $1)")).collect();
    let sql = format!("INSERT INTO cache_log (position, key, created_at) VALUES {} RETURNING {answer}", rows.join(", "));
    let values = std::iter::once(Value::from(now)).chain(keys.iter().map(|key| Value::from(key.as_str())));
    let left = At::find_by_statement(Statement::from_sql_and_values(backend, sql, values)).all(&**tx).await.map_err(fault)?;
    left.into_iter().map(|row| row.position).max().ok_or_else(|| missing("change log"))
}

#[async_trait]
impl Log for SqlChangeLog {
    async fn horizon(&self) -> Result<Position, Fault> {
        let db = self.db.reader();
        let sql = format!("SELECT {} AS position", horizon(db.get_database_backend()));
        let row = At::find_by_statement(Statement::from_string(db.get_database_backend(), sql)).one(db).await.map_err(fault)?;
        Ok(row.ok_or_else(|| missing("horizon"))?.position)
    }

    async fn poll(&self, from: Position) -> Result<Poll, Fault> {
        let changes = match self.db.reader().get_database_backend() {
            DbBackend::Postgres => "SELECT id, position, key FROM cache_log WHERE position >= $1",
            _ => "SELECT id, id AS position, key FROM cache_log WHERE id >= $1",
        };
        self.read(changes, [from.into()]).await
    }

    async fn recent(&self, limit: usize) -> Result<Poll, Fault> {
        let position = match self.db.reader().get_database_backend() {
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
            // The first page's horizon stays: what is written meanwhile lies above it. What was pruned meanwhile is missing.
            recent.pruned_below = recent.pruned_below.max(page.pruned_below);
            recent.changes.extend(page.changes);
        }
        Ok(recent)
    }

    async fn prune(&self, before: Time) -> Result<(), Fault> {
        self.db.prune_change_log(before).await
    }
}

/// Deletes what is older than `before` and says up to where; the newest row stays, for the horizon to stand on.
pub(super) async fn prune(tx: &Tx, before: Time) -> Result<(), Fault> {
    let backend = tx.get_database_backend();
    let position = if backend == DbBackend::Postgres { "position" } else { "id" };
    let old = "created_at < $1 AND id < (SELECT MAX(id) FROM cache_log)";
    let raise = format!(
        "UPDATE cache_log_horizon SET pruned_below = (SELECT MAX({position}) + 1 FROM cache_log WHERE {old})
         WHERE pruned_below < (SELECT MAX({position}) + 1 FROM cache_log WHERE {old})"
    );
    for sql in [raise, format!("DELETE FROM cache_log WHERE {old}")] {
        tx.execute_raw(Statement::from_sql_and_values(backend, sql, [before.into()])).await.map_err(fault)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[tokio::test]
    async fn recent_changes_are_read_in_pages_up_to_the_limit() {
        let folder = TempDir::new().unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("test.db").display());
        let db = Database::connect(&url).await.unwrap();
        db.migrate().await.unwrap();
        let tx = db.begin().await.unwrap();
        let many = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25000)
            INSERT INTO cache_log (position, key, created_at) SELECT 0, 'key ' || i, '2026-01-01T00:00:00+00:00' FROM n";
        tx.execute_unprepared(many).await.unwrap();
        tx.commit().await.unwrap();
        let log = SqlChangeLog::connect(&url, db).await.unwrap();
        for (limit, read) in [(9_000, 9_000), (PAGE, PAGE), (20_001, 20_001), (25_000, 25_000), (50_000, 25_000)] {
            let poll = log.recent(limit).await.unwrap();
            let mut ids: Vec<i64> = poll.changes.iter().map(|change| change.id).collect();
            ids.sort_unstable();
            ids.dedup();
            assert_eq!((ids.len(), ids.last().copied(), poll.horizon), (read, Some(25_000), 25_001), "of {limit}");
            assert_eq!(ids[0], 25_001 - i64::try_from(read).unwrap());
        }
    }
}
