//! Expiry: sessions whose time has come are deleted with all their data, in SQL, in files and in Redis.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use domain::data_sessions::Cleanup;
use domain::ids::DataSessionId;
use domain::{ServiceError, Time};
use parking_lot::Mutex;
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};

use super::create::end_job;
use super::frames::FrameStore;
use super::rows::{COLUMNS, Row, all_keys};
use crate::db::{Database, Keys, Tx, execute, service_error};
use crate::jobs::ScheduledTask;

/// The interval between looks for files without a session.
const SWEEP: Duration = Duration::from_secs(20);
/// Number of sessions that one transaction deletes.
const BATCH: u64 = 20;

/// Deletes expired sessions, and files whose session no longer exists.
pub(crate) struct ExpireDataSessions {
    db: Database,
    frames: Arc<dyn FrameStore>,
    /// When files without a session were last looked for.
    swept: Mutex<Option<Instant>>,
}

#[derive(FromQueryResult)]
struct Id {
    id: String,
}

impl ExpireDataSessions {
    pub(super) fn new(db: Database, frames: Arc<dyn FrameStore>) -> Self {
        Self { db, frames, swept: Mutex::default() }
    }

    fn is_sweep_due(&self) -> bool {
        let mut swept = self.swept.lock();
        let is_due = swept.is_none_or(|swept| swept.elapsed() >= SWEEP);
        if is_due {
            *swept = Some(Instant::now());
        }
        is_due
    }

    /// Deletes all expired sessions.
    pub(super) async fn clean_up(&self, now: Time) -> Result<Cleanup, ServiceError> {
        let mut cleanup = Cleanup::default();
        loop {
            let expired = self.delete_batch(now).await?;
            cleanup.sessions += expired.len() as u64;
            cleanup.bytes += expired.iter().map(|(_, bytes)| bytes.unsigned_abs()).sum::<u64>();
            for (session, _) in &expired {
                self.frames.remove_session(*session).await?;
            }
            if (expired.len() as u64) < BATCH {
                break;
            }
        }
        if self.is_sweep_due() {
            cleanup.orphaned_files = self.remove_orphans().await?;
        }
        Ok(cleanup)
    }

    /// Deletes some expired sessions. Returns each with the bytes of its table.
    async fn delete_batch(&self, now: Time) -> Result<Vec<(DataSessionId, i64)>, ServiceError> {
        if !self.has_expired(now).await? {
            return Ok(Vec::new());
        }
        self.db
            .write_naming(async move |tx: Tx| {
                let (mut keys, mut deleted) = (Keys::none(), Vec::new());
                for row in expired(&tx, now).await? {
                    let id = row.id()?;
                    if let Some(job) = row.job()? {
                        end_job(&tx, job, now).await?;
                    }
                    execute(&tx, "DELETE FROM data_sessions WHERE id = $1", [row.id.as_str().into()]).await?;
                    keys = keys.with(all_keys(id));
                    deleted.push((id, row.bytes));
                }
                Ok::<_, ServiceError>(keys.touched_by(deleted))
            })
            .await
    }

    async fn has_expired(&self, now: Time) -> Result<bool, ServiceError> {
        let db = self.db.reader();
        // The order makes Postgres use the index.
        let sql = "SELECT id FROM data_sessions WHERE expires_at <= $1 ORDER BY expires_at LIMIT 1";
        let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [now.into()]);
        Ok(Id::find_by_statement(statement).one(db).await.map_err(service_error)?.is_some())
    }

    /// Removes the files of sessions that do not exist. A session exists before its first file.
    async fn remove_orphans(&self) -> Result<u64, ServiceError> {
        let with_files = self.frames.sessions().await?;
        if with_files.is_empty() {
            return Ok(0);
        }
        let db = self.db.reader();
        let statement = Statement::from_string(db.get_database_backend(), "SELECT id FROM data_sessions");
        let existing = Id::find_by_statement(statement).all(db).await.map_err(service_error)?;
        let existing: BTreeSet<String> = existing.into_iter().map(|row| row.id).collect();
        let mut removed = 0;
        for session in with_files.into_iter().filter(|session| !existing.contains(&session.to_string())) {
            self.frames.remove_session(session).await?;
            removed += 1;
        }
        Ok(removed)
    }
}

/// Some expired sessions, locked. Those that another server deletes are skipped.
async fn expired(tx: &Tx, now: Time) -> Result<Vec<Row>, ServiceError> {
    let backend = tx.get_database_backend();
    let lock = if backend == DbBackend::Postgres { "FOR UPDATE SKIP LOCKED" } else { "" };
    let sql = format!("SELECT {COLUMNS} FROM data_sessions WHERE expires_at <= $1 ORDER BY expires_at LIMIT {BATCH} {lock}");
    let values: [Value; 1] = [now.into()];
    let statement = Statement::from_sql_and_values(backend, sql, values);
    Row::find_by_statement(statement).all(&**tx).await.map_err(service_error)
}

#[async_trait]
impl ScheduledTask for ExpireDataSessions {
    fn name(&self) -> &'static str {
        "expire_data_sessions"
    }

    async fn run(&self, now: Time) -> Result<u64, ServiceError> {
        let Cleanup { sessions, orphaned_files, .. } = self.clean_up(now).await?;
        Ok(sessions + orphaned_files)
    }
}
