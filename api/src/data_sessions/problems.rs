//! The problems of data sessions.

use domain::data_sessions::DataSessionError;

use crate::http::problem::{Kind, Problem};

impl From<DataSessionError> for Problem {
    fn from(error: DataSessionError) -> Self {
        match error {
            DataSessionError::NotFound => {
                Self::new(Kind::NotFound, "You have no such data session, or it has expired. Create another one.")
            }
            DataSessionError::AnonymousForbidden => Self::new(
                Kind::InvalidCredentials,
                "This site requires an account for data sessions. Log in at /v1/auth/login and send `Authorization: Bearer` with the \
                 access token.",
            ),
            DataSessionError::TooManySessions(detail) | DataSessionError::TooMuchData(detail) => {
                Self::new(Kind::DataSessionLimit, detail)
            }
            DataSessionError::LimitReached(reached) => reached.into(),
            DataSessionError::NoTable => Self::new(Kind::TableMissing, "Upload a table first."),
            DataSessionError::InvalidTable(detail) => Self::new(Kind::InvalidTable, detail),
            DataSessionError::InvalidOverride { parameter, detail } => Self::invalid_at(format!("/query/{parameter}"), detail),
            DataSessionError::InvalidTraining { member, detail } => Self::invalid_at(format!("/{member}"), detail),
            DataSessionError::InvalidRows { pointer, detail } => Self::invalid_at(pointer, detail),
            DataSessionError::TrainingRuns => {
                Self::new(Kind::TrainingUnfinished, "Wait until the training has ended, or cancel it.")
            }
            DataSessionError::TrainingEnded => Self::new(Kind::JobFinished, "The training has ended already."),
            DataSessionError::NotTrained => Self::new(Kind::ModelMissing, "Train a model first, and wait until it is done."),
            DataSessionError::OutdatedModel(detail) => Self::new(Kind::ModelOutdated, detail),
            DataSessionError::Cursor(cursor) => cursor.into(),
            DataSessionError::Service(error) => error.into(),
        }
    }
}
