//! Rows of exports with the state of their jobs.

use chrono::TimeDelta;
use domain::identity::{DOWNLOAD_MINUTES, Export, ExportState};
use domain::ids::{ExportId, UserId};
use domain::{ServiceError, Time};
use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};

use crate::db::{id, service_error};

/// An export.
#[derive(FromQueryResult)]
pub(super) struct Row {
    id: String,
    job_id: String,
    created_at: Time,
    ready_at: Option<Time>,
    pub(super) pieces: i64,
    bytes: i64,
    download_started_at: Option<Time>,
    downloaded_at: Option<Time>,
    expires_at: Time,
    job_state: Option<String>,
}

const SELECT: &str = "SELECT e.id, e.job_id, e.created_at, e.ready_at, e.pieces, e.bytes, e.download_started_at, e.downloaded_at,
    e.expires_at, j.state AS job_state FROM account_exports e LEFT JOIN jobs j ON j.id = e.job_id";

impl Row {
    /// The state of the export at `now`.
    pub(super) fn state(&self, now: Time) -> ExportState {
        let window = TimeDelta::minutes(DOWNLOAD_MINUTES);
        let is_over = self.download_started_at.is_some_and(|started| started + window <= now);
        let is_waiting = matches!(self.job_state.as_deref(), Some("scheduled" | "queued" | "running"));
        match self.ready_at {
            _ if self.downloaded_at.is_some() || is_over => ExportState::Downloaded,
            Some(_) => ExportState::Ready,
            None if is_waiting => ExportState::Building,
            None => ExportState::Failed,
        }
    }

    /// The export as its user sees it.
    pub(super) fn view(&self, now: Time) -> Result<Export, ServiceError> {
        Ok(Export {
            id: id(&self.id)?,
            state: self.state(now),
            job_id: id(&self.job_id)?,
            created_at: self.created_at,
            expires_at: self.expires_at,
            bytes: self.ready_at.map(|_| self.bytes),
        })
    }
}

/// An export of a user that has not expired.
pub(super) async fn find(
    db: &impl ConnectionTrait,
    user: UserId,
    export: ExportId,
    now: Time,
) -> Result<Option<Row>, ServiceError> {
    let sql = format!("{SELECT} WHERE e.id = $1 AND e.user_id = $2 AND e.expires_at > $3");
    let values: [Value; 3] = [export.to_string().into(), user.to_string().into(), now.into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Row::find_by_statement(statement).one(db).await.map_err(service_error)
}

/// The open export of a user, if there is one.
pub(super) async fn find_open(db: &impl ConnectionTrait, user: UserId, now: Time) -> Result<Option<Row>, ServiceError> {
    let sql = format!("{SELECT} WHERE e.user_id = $1 AND e.expires_at > $2 ORDER BY e.id DESC");
    let values: [Value; 2] = [user.to_string().into(), now.into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let rows = Row::find_by_statement(statement).all(db).await.map_err(service_error)?;
    Ok(rows.into_iter().find(|row| row.state(now).is_open()))
}
