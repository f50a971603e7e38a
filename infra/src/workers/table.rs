//! The statements on the table of workers. Each is a transaction of its own.

use std::time::Duration;

use domain::ids::WorkerId;
use domain::{ServiceError, Time};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, FromQueryResult, Statement, TransactionTrait, Value};

use super::Kind;
use super::cache_store::CacheStore;
use super::secrets::Fingerprints;
use crate::db::{id, missing, service_error};

/// What a worker writes into its row.
#[derive(Debug, Clone)]
pub(super) struct Description {
    pub(super) kind: Kind,
    /// D: how long it may serve a value after another worker has changed it.
    pub(super) staleness: Duration,
    pub(super) fingerprints: Fingerprints,
}

/// What may change in a row.
#[derive(Debug, Clone)]
pub(super) struct Condition {
    pub(super) cache: CacheStore,
    /// Whether the start has compared this worker with the others.
    pub(super) is_agreed: bool,
}

/// A row.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) id: WorkerId,
    pub(super) beat: i64,
    pub(super) kind: Kind,
    pub(super) fingerprints: Fingerprints,
    /// `None` for a release that does not state it.
    pub(super) cache: Option<CacheStore>,
    pub(super) is_agreed: bool,
}

fn statement(db: &impl ConnectionTrait, sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(db.get_database_backend(), sql, values)
}

/// Inserts the row of a worker, unless an earlier attempt did. It survives a crash of the database; a lost beat does no harm.
pub(super) async fn insert(
    db: &DatabaseConnection,
    id: WorkerId,
    described: &Description,
    condition: &Condition,
    now: Time,
) -> Result<(), ServiceError> {
    let staleness = i64::try_from(described.staleness.as_millis()).map_err(ServiceError::bug)?;
    let sql = "INSERT INTO workers (id, kind, beat, staleness_ms, release, signs, accepts, cache, is_agreed, started_at)
               VALUES ($1, $2, 0, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING";
    let values: [Value; 9] = [
        id.to_string().into(),
        described.kind.word().into(),
        staleness.into(),
        env!("CARGO_PKG_VERSION").into(),
        described.fingerprints.signs().into(),
        described.fingerprints.accepts().into(),
        condition.cache.to_string().into(),
        condition.is_agreed.into(),
        now.into(),
    ];
    let tx = db.begin().await.map_err(service_error)?;
    if db.get_database_backend() == DbBackend::Postgres {
        tx.execute_unprepared("SET LOCAL synchronous_commit = on").await.map_err(service_error)?;
    }
    tx.execute_raw(statement(db, sql, values)).await.map_err(service_error)?;
    tx.commit().await.map_err(service_error)
}

/// Raises the beat of a worker and states its condition. Returns `false` if its row was deleted.
pub(super) async fn beat(db: &impl ConnectionTrait, id: WorkerId, condition: &Condition) -> Result<bool, ServiceError> {
    let sql = "UPDATE workers SET beat = beat + 1, cache = $2, is_agreed = $3 WHERE id = $1";
    let values: [Value; 3] = [id.to_string().into(), condition.cache.to_string().into(), condition.is_agreed.into()];
    let beaten = db.execute_raw(statement(db, sql, values)).await;
    Ok(beaten.map_err(service_error)?.rows_affected() == 1)
}

#[derive(FromQueryResult)]
struct Columns {
    id: String,
    kind: String,
    beat: i64,
    signs: String,
    accepts: String,
    cache: Option<String>,
    is_agreed: bool,
}

/// All rows but that of `own`.
pub(super) async fn others(db: &impl ConnectionTrait, own: WorkerId) -> Result<Vec<Row>, ServiceError> {
    let sql = "SELECT id, kind, beat, signs, accepts, cache, is_agreed FROM workers WHERE id <> $1";
    let rows = Columns::find_by_statement(statement(db, sql, [own.to_string().into()])).all(db).await.map_err(service_error)?;
    let row = |columns: Columns| {
        let fingerprints = Fingerprints::parse(columns.signs, &columns.accepts);
        let (kind, cache) = (Kind::of_word(&columns.kind)?, columns.cache.as_deref().map(CacheStore::parse));
        Ok(Row { id: id(&columns.id)?, beat: columns.beat, kind, fingerprints, cache, is_agreed: columns.is_agreed })
    };
    rows.into_iter().map(row).collect()
}

/// Deletes the row of a worker that is gone, unless it has beaten since.
pub(super) async fn delete_gone(db: &impl ConnectionTrait, id: WorkerId, beat: i64) -> Result<bool, ServiceError> {
    let sql = "DELETE FROM workers WHERE id = $1 AND beat = $2";
    let deleted = db.execute_raw(statement(db, sql, [id.to_string().into(), beat.into()])).await.map_err(service_error)?;
    Ok(deleted.rows_affected() == 1)
}

/// Deletes the row of a worker that ends.
pub(super) async fn delete_own(db: &impl ConnectionTrait, id: WorkerId) -> Result<(), DbErr> {
    db.execute_raw(statement(db, "DELETE FROM workers WHERE id = $1", [id.to_string().into()])).await.map(drop)
}

#[derive(FromQueryResult)]
struct Greatest {
    staleness_ms: i64,
}

/// The greatest D of all workers but `own`.
pub(super) async fn greatest_d(db: &impl ConnectionTrait, own: WorkerId) -> Result<Duration, ServiceError> {
    let sql = "SELECT COALESCE(MAX(staleness_ms), 0) AS staleness_ms FROM workers WHERE id <> $1";
    let row = Greatest::find_by_statement(statement(db, sql, [own.to_string().into()])).one(db).await.map_err(service_error)?;
    let milliseconds = row.ok_or_else(|| missing("greatest D"))?.staleness_ms;
    Ok(Duration::from_millis(u64::try_from(milliseconds).map_err(ServiceError::bug)?))
}
