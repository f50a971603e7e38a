//! Rows of sessions.

use domain::data_sessions::{DataSession, DataSessionError, ModelSummary, OpenSession, TableSummary};
use domain::ids::DataSessionId;
use domain::{ServiceError, Time};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};
use serde::{Deserialize, Serialize};

use super::sheet::part_of;
use crate::cache::keys;
use crate::db::{Keys, Tx, id, of_json, service_error};

/// The columns of [`Row`].
pub(super) const COLUMNS: &str =
    "id, user_id, secret_hash, address_hash, created_at, expires_at, ends_at, bytes, stored_table, job_id, stored_model";

/// A session without its report.
#[derive(Debug, FromQueryResult)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) user_id: Option<String>,
    pub(super) secret_hash: Option<Vec<u8>>,
    pub(super) address_hash: Option<Vec<u8>>,
    pub(super) created_at: Time,
    pub(super) expires_at: Time,
    pub(super) ends_at: Time,
    pub(super) bytes: i64,
    stored_table: Option<String>,
    job_id: Option<String>,
    stored_model: Option<String>,
}

/// The stored table of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct StoredTable {
    /// The part with the rows. The part with this name and [`SHEET`] has the rest.
    pub(super) part: String,
    /// What the session shows of it.
    pub(super) summary: TableSummary,
}

/// The stored model of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct StoredModel {
    /// The part with the model.
    pub(super) part: String,
    /// The number of its frames.
    pub(super) frames: u32,
    /// The part with the predictions of the held-out rows.
    pub(super) predictions: String,
    /// The number of its frames.
    pub(super) prediction_frames: u32,
    /// What the session shows of it.
    pub(super) summary: ModelSummary,
}

impl Row {
    pub(super) fn id(&self) -> Result<DataSessionId, ServiceError> {
        id(&self.id)
    }

    pub(super) fn table(&self) -> Result<Option<StoredTable>, ServiceError> {
        self.stored_table.as_deref().map(of_json).transpose()
    }

    pub(super) fn model(&self) -> Result<Option<StoredModel>, ServiceError> {
        self.stored_model.as_deref().map(of_json).transpose()
    }

    pub(super) fn job(&self) -> Result<Option<domain::ids::JobId>, ServiceError> {
        self.job_id.as_deref().map(id).transpose()
    }

    /// The parts of its table and its model.
    pub(super) fn parts(&self) -> Result<Vec<String>, ServiceError> {
        let of_table = self.table()?.into_iter().flat_map(|table| [part_of(&table.part), table.part]);
        let of_model = self.model()?.into_iter().flat_map(|model| [model.part, model.predictions]);
        Ok(of_table.chain(of_model).collect())
    }

    /// The session as its holder opens it.
    pub(super) fn open(&self) -> Result<OpenSession, ServiceError> {
        Ok(OpenSession { id: self.id()?, owner: self.user_id.as_deref().map(id).transpose()?, job: self.job()? })
    }

    /// The session as its holder sees it.
    pub(super) fn view(&self) -> Result<DataSession, ServiceError> {
        Ok(DataSession {
            id: self.id()?,
            anonymous: self.user_id.is_none(),
            created_at: self.created_at,
            expires_at: self.expires_at,
            ends_at: self.ends_at,
            table: self.table()?.map(|table| table.summary),
            model: self.model()?.map(|model| model.summary),
        })
    }
}

/// A session that has not expired.
pub(super) async fn find(db: &impl ConnectionTrait, session: DataSessionId, now: Time) -> Result<Row, DataSessionError> {
    select(db, session, now, "").await
}

/// The same, locked until the end of the transaction.
pub(super) async fn lock(tx: &Tx, session: DataSessionId, now: Time) -> Result<Row, DataSessionError> {
    let lock = if tx.get_database_backend() == DbBackend::Postgres { " FOR UPDATE" } else { "" };
    select(&**tx, session, now, lock).await
}

async fn select(db: &impl ConnectionTrait, session: DataSessionId, now: Time, lock: &str) -> Result<Row, DataSessionError> {
    let sql = format!("SELECT {COLUMNS} FROM data_sessions WHERE id = $1 AND expires_at > $2{lock}");
    let values: [Value; 2] = [session.to_string().into(), now.into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Row::find_by_statement(statement).one(db).await.map_err(service_error)?.ok_or(DataSessionError::NotFound)
}

/// All cached keys of a session.
pub(super) fn all_keys(session: DataSessionId) -> Keys {
    table_keys(session).with(training_keys(session))
}

/// The cached keys that another table touches.
pub(super) fn table_keys(session: DataSessionId) -> Keys {
    Keys::of(keys::SessionInfo(session))
        .and(keys::SessionMetadata(session))
        .and(keys::SessionRawData(session))
        .and(keys::SessionProcessedData(session))
}

/// The cached keys that the end of a training touches.
pub(super) fn training_keys(session: DataSessionId) -> Keys {
    Keys::of(keys::SessionTrainingProgress(session)).and(keys::SessionMetadata(session))
}
