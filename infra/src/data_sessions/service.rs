//! [`DataSessionService`] on SQL and frames.

use std::fs::File;
use std::sync::Arc;

use async_trait::async_trait;
use domain::data_sessions::{
    Cleanup, CreatedDataSession, DataSession, DataSessionError, DataSessionReads, DataSessionService, FilePieces, Holder,
    NewDataSession, OpenSession, PredictionRows, Predictions, SessionFile, TableInfo, TableOverrides, Training, TrainingRequest,
};
use domain::ids::{DataSessionId, UserId};
use domain::page::{Page, PageRequest};
use domain::{CachedResponse, Clock, ServiceError};
use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};
use tokio::sync::Semaphore;

use super::expiry::ExpireDataSessions;
use super::frames::{FRAME_BYTES, FrameStore, decompress};
use super::policy::Policy;
use super::rows::{COLUMNS, Row};
use super::{create, holders};
use crate::db::{Database, service_error};
use crate::jobs::JobLimit;
use crate::keyed_hash::DerivedKey;

/// Data sessions on SQL and frames.
pub(crate) struct SqlDataSessions {
    pub(super) db: Database,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) frames: Arc<dyn FrameStore>,
    pub(super) policy: Policy,
    /// Hashes the addresses of anonymous holders.
    pub(super) addresses: DerivedKey,
    /// Bounds the trainings of a user that have not ended.
    pub(super) job_limit: Arc<dyn JobLimit>,
    /// Bounds the number of tables that are parsed and of models that are loaded at once.
    pub(super) parsers: Semaphore,
    /// What the training has reported, cached.
    pub(super) reads: Arc<dyn DataSessionReads>,
}

#[async_trait]
impl DataSessionService for SqlDataSessions {
    async fn create(&self, new: NewDataSession) -> Result<CreatedDataSession, DataSessionError> {
        create::create(&self.db, (&self.policy, &self.addresses), new, self.clock.now()).await
    }

    async fn sessions(&self, owner: UserId, page: &PageRequest) -> Result<Page<DataSession>, DataSessionError> {
        let (db, filters, now) = (self.db.reader(), ("data_sessions", owner), self.clock.now());
        let before = page.after::<String>(&filters)?;
        let beyond = if before.is_some() { "AND id < $4" } else { "" };
        let sql = format!(
            "SELECT {COLUMNS} FROM data_sessions WHERE user_id = $1 AND expires_at > $2 {beyond} ORDER BY id DESC LIMIT $3"
        );
        let limit = i64::try_from(page.limit + 1).map_err(ServiceError::bug)?;
        let values: Vec<Value> = vec![owner.to_string().into(), now.into(), limit.into()];
        let values = values.into_iter().chain(before.map(Value::from));
        let rows = Row::find_by_statement(Statement::from_sql_and_values(db.get_database_backend(), sql, values));
        let rows = rows.all(db).await.map_err(service_error)?;
        let page = Page::from_rows(rows, page, &filters, |row| row.id.clone()).map_err(ServiceError::bug)?;
        Ok(page.try_map(|row| row.view())?)
    }

    async fn open(&self, holder: &Holder, id: DataSessionId) -> Result<OpenSession, DataSessionError> {
        holders::open(&self.db, &self.policy, (holder, id), self.clock.now()).await
    }

    async fn delete(&self, session: &OpenSession) -> Result<(), DataSessionError> {
        create::delete(&self.db, session, self.clock.now()).await?;
        Ok(self.frames.remove_session(session.id).await?)
    }

    async fn check_upload(&self, session: &OpenSession, bytes: u64) -> Result<(), DataSessionError> {
        self.check_room(session, bytes).await
    }

    async fn upload(
        &self,
        session: &OpenSession,
        upload: (File, u64),
        overrides: TableOverrides,
    ) -> Result<CachedResponse<TableInfo>, DataSessionError> {
        self.store_upload(session, upload, overrides).await
    }

    async fn train(&self, session: &OpenSession, request: TrainingRequest) -> Result<Training, DataSessionError> {
        self.start_training(session, request).await
    }

    async fn training(&self, session: &OpenSession) -> Result<Training, DataSessionError> {
        let job = session.job.ok_or(DataSessionError::NotTrained)?;
        self.with_report(session.id, job).await
    }

    async fn cancel(&self, session: &OpenSession) -> Result<Training, DataSessionError> {
        self.cancel_training(session).await?;
        self.training(session).await
    }

    async fn predict(&self, session: &OpenSession, rows: PredictionRows) -> Result<Predictions, DataSessionError> {
        self.predict_rows(session, rows).await
    }

    async fn file(&self, session: &OpenSession, file: SessionFile) -> Result<FilePieces, DataSessionError> {
        self.find_file(session, file).await
    }

    async fn piece(&self, file: &FilePieces, number: u32) -> Result<Vec<u8>, DataSessionError> {
        let frame = self.frames.read(file.session, &file.part, number).await?.ok_or(DataSessionError::NotFound)?;
        Ok(decompress(&frame, FRAME_BYTES)?)
    }

    async fn clean_up(&self) -> Result<Cleanup, ServiceError> {
        ExpireDataSessions::new(self.db.clone(), Arc::clone(&self.frames)).clean_up(self.clock.now()).await
    }
}
