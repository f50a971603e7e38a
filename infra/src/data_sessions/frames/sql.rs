//! Frames as rows.

use async_trait::async_trait;
use domain::ServiceError;
use domain::ids::DataSessionId;
use sea_orm::{ConnectionTrait, Statement, Value};

use super::FrameStore;
use crate::db::{Database, Keys, execute, service_error};

/// Frames in the table `data_session_frames`. The database deletes them with their session.
pub(super) struct SqlFrames(pub(super) Database);

#[async_trait]
impl FrameStore for SqlFrames {
    async fn append(&self, session: DataSessionId, part: &str, number: u32, frame: Vec<u8>) -> Result<(), ServiceError> {
        let values: [Value; 4] = [session.to_string().into(), part.into(), i64::from(number).into(), frame.into()];
        let work = async move |tx| {
            let sql = "INSERT INTO data_session_frames (session_id, part, number, content) VALUES ($1, $2, $3, $4)";
            execute(&tx, sql, values).await.map(drop)
        };
        self.0.write(Keys::none(), work).await
    }

    async fn read(&self, session: DataSessionId, part: &str, number: u32) -> Result<Option<Vec<u8>>, ServiceError> {
        let db = self.0.reader();
        let sql = "SELECT content FROM data_session_frames WHERE session_id = $1 AND part = $2 AND number = $3";
        let values: [Value; 3] = [session.to_string().into(), part.into(), i64::from(number).into()];
        let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
        let row = db.query_one_raw(statement).await.map_err(service_error)?;
        row.map(|row| row.try_get("", "content").map_err(service_error)).transpose()
    }

    async fn remove_part(&self, session: DataSessionId, part: &str) -> Result<(), ServiceError> {
        let values: [Value; 2] = [session.to_string().into(), part.into()];
        let work = async move |tx| {
            execute(&tx, "DELETE FROM data_session_frames WHERE session_id = $1 AND part = $2", values).await.map(drop)
        };
        self.0.write(Keys::none(), work).await
    }

    async fn remove_session(&self, _: DataSessionId) -> Result<(), ServiceError> {
        Ok(())
    }

    async fn sessions(&self) -> Result<Vec<DataSessionId>, ServiceError> {
        Ok(Vec::new())
    }
}
