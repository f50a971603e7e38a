//! Predictions of rows by the model of a session.

use domain::ServiceError;
use domain::data_sessions::{DataSessionError, OpenSession, PredictionRows, Predictions};

use super::frames::{FRAME_BYTES, decompress};
use super::rows::find;
use super::service::SqlDataSessions;
use super::training::{Model, ModelError, PredictError};

impl From<ModelError> for DataSessionError {
    fn from(error: ModelError) -> Self {
        Self::OutdatedModel(error.to_string())
    }
}

impl From<PredictError> for DataSessionError {
    fn from(error: PredictError) -> Self {
        let pointer = match &error {
            PredictError::TooManyRows { .. } => "/rows".to_owned(),
            PredictError::MissingColumn { row, column }
            | PredictError::UnknownColumn { row, column }
            | PredictError::WrongType { row, column, .. } => {
                format!("/rows/{}/{}", row - 1, column.replace('~', "~0").replace('/', "~1"))
            }
        };
        Self::InvalidRows { pointer, detail: error.to_string() }
    }
}

impl SqlDataSessions {
    /// Predicts rows.
    pub(super) async fn predict_rows(
        &self,
        session: &OpenSession,
        rows: PredictionRows,
    ) -> Result<Predictions, DataSessionError> {
        let stored = find(self.db.reader(), session.id, self.clock.now()).await?.model()?;
        let stored = stored.ok_or(DataSessionError::NotTrained)?;
        let mut bytes = Vec::new();
        for number in 0..stored.frames {
            let frame = self.frames.read(session.id, &stored.part, number).await?.ok_or(DataSessionError::NotTrained)?;
            bytes.extend(decompress(&frame, FRAME_BYTES)?);
        }
        let permit = self.parsers.acquire().await.map_err(ServiceError::bug)?;
        let target = stored.summary.target;
        let predict = move || Ok::<_, DataSessionError>(Predictions { target, items: Model::load(&bytes)?.predict(&rows.0)? });
        let predictions = tokio::task::spawn_blocking(predict).await.map_err(ServiceError::bug)?;
        drop(permit);
        predictions
    }
}
