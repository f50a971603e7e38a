//! [`ExportService`] on SQL.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use domain::idempotency::{Attempt, Once};
use domain::identity::{EXPORT_HOURS, Export, ExportError, ExportService, NewExport, Placement};
use domain::ids::{ExportId, UserId};
use domain::{Clock, Time};
use sea_orm::{ConnectionTrait, Statement, Value};

use super::super::users::lock_user;
use super::archive::remove_pieces;
use super::job::{ExportAccount, Payload};
use super::rows::{find, find_open};
use crate::db::{Claim, Database, Keys, Tx, execute, missing, service_error};
use crate::jobs::{JobLimit, NewJob, enqueue, permit_job};

/// The exports of users on SQL.
pub(crate) struct SqlExports {
    pub(crate) db: Database,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) job_limit: Arc<dyn JobLimit>,
}

/// Inserts an export and its job in place of former ones, unless the user has an open export.
async fn request(tx: &Tx, user: UserId, job_limit: &dyn JobLimit, now: Time) -> Result<Export, ExportError> {
    lock_user(tx, user).await?;
    if let Some(open) = find_open(&**tx, user, now).await? {
        return Ok(open.view(now)?);
    }
    let permit = permit_job::<ExportError>(tx, job_limit, user, now).await?;
    // The pieces of one that failed or was canceled would stay until it expires.
    execute(tx, "DELETE FROM account_exports WHERE user_id = $1", [user.to_string().into()]).await?;
    let (export, expires_at) = (ExportId::generate(now), now + TimeDelta::hours(EXPORT_HOURS));
    let job = enqueue::<ExportAccount>(tx, NewJob::of(Payload { export, user }).owned_by(permit), now).await?;
    let sql = "INSERT INTO account_exports (id, user_id, job_id, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)";
    let values: [Value; 5] =
        [export.to_string().into(), user.to_string().into(), job.to_string().into(), now.into(), expires_at.into()];
    execute(tx, sql, values).await?;
    Ok(find(&**tx, user, export, now).await?.ok_or_else(|| missing("export"))?.view(now)?)
}

#[async_trait]
impl ExportService for SqlExports {
    async fn request(&self, by: Placement, attempt: Attempt<NewExport>) -> Result<Once<Export>, ExportError> {
        let (user, now) = (by.user, self.clock.now());
        let (claim, job_limit) = (Claim::placed(&by, "createExport", now), Arc::clone(&self.job_limit));
        let work = move |tx: Tx, _: NewExport| async move { request(&tx, user, &*job_limit, now).await };
        self.db.write_once(claim, attempt, Keys::none().enqueuing(), work).await
    }

    async fn export(&self, user: UserId, export: ExportId) -> Result<Export, ExportError> {
        let now = self.clock.now();
        let row = find(self.db.reader(), user, export, now).await?.ok_or(ExportError::NotFound)?;
        Ok(row.view(now)?)
    }

    async fn start_download(&self, user: UserId, export: ExportId) -> Result<i64, ExportError> {
        let now = self.clock.now();
        self.db
            .write(Keys::none(), move |tx| async move {
                // The first download sets the time. Others wait for its row here.
                let sql = "UPDATE account_exports SET download_started_at = COALESCE(download_started_at, $1)
                           WHERE id = $2 AND user_id = $3 AND ready_at IS NOT NULL";
                execute(&tx, sql, [now.into(), export.to_string().into(), user.to_string().into()]).await?;
                let row = find(&*tx, user, export, now).await?.ok_or(ExportError::NotFound)?;
                row.state(now).check_download()?;
                Ok(row.pieces)
            })
            .await
    }

    async fn piece(&self, export: ExportId, number: i64) -> Result<Vec<u8>, ExportError> {
        let db = self.db.reader();
        let sql = "SELECT content FROM account_export_pieces WHERE export_id = $1 AND number = $2";
        let values: [Value; 2] = [export.to_string().into(), number.into()];
        let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
        let row = db.query_one_raw(statement).await.map_err(service_error)?.ok_or(ExportError::Gone)?;
        Ok(row.try_get("", "content").map_err(service_error)?)
    }

    async fn end_download(&self, export: ExportId) -> Result<(), ExportError> {
        let now = self.clock.now();
        self.db
            .write(Keys::none(), move |tx| async move {
                let sql = "UPDATE account_exports SET downloaded_at = $1 WHERE id = $2 AND downloaded_at IS NULL";
                execute(&tx, sql, [now.into(), export.to_string().into()]).await?;
                Ok(remove_pieces(&tx, export).await?)
            })
            .await
    }
}
