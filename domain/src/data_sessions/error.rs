//! Why an operation on data sessions failed.

use crate::page::InvalidCursor;
use crate::{LimitReached, Outage, ServiceError};

/// Why an operation on data sessions failed. Texts name the column, the row and the value where there is one.
#[derive(Debug, Clone, thiserror::Error)]
pub enum DataSessionError {
    /// The session does not exist, has expired, or has another holder (404).
    #[error("there is no such data session")]
    NotFound,
    /// The site does not allow sessions without a user (401).
    #[error("the site does not allow data sessions without a user")]
    AnonymousForbidden,
    /// The holder has too many sessions (409).
    #[error("{0}")]
    TooManySessions(String),
    /// The tables of the holder, or of all anonymous holders, are too large together (409).
    #[error("{0}")]
    TooMuchData(String),
    /// The session has no table (409).
    #[error("the session has no table")]
    NoTable,
    /// The table cannot be read (422).
    #[error("{0}")]
    InvalidTable(String),
    /// A parameter of the upload is invalid (400).
    #[error("{detail}")]
    InvalidOverride {
        /// The parameter.
        parameter: &'static str,
        /// What is wrong with it.
        detail: String,
    },
    /// A member of the request for a training is invalid (400).
    #[error("{detail}")]
    InvalidTraining {
        /// The member.
        member: &'static str,
        /// What is wrong with it.
        detail: String,
    },
    /// The user has as many open jobs as the plan allows (403).
    #[error(transparent)]
    LimitReached(#[from] LimitReached),
    /// A training runs (409).
    #[error("a training runs")]
    TrainingRuns,
    /// The training has ended (409).
    #[error("the training has ended")]
    TrainingEnded,
    /// The session has no model, or no training (409).
    #[error("the session has no model")]
    NotTrained,
    /// The rows to predict are invalid (400).
    #[error("{detail}")]
    InvalidRows {
        /// The JSON pointer of the value.
        pointer: String,
        /// What is wrong with it.
        detail: String,
    },
    /// Another version of the program trained the model (409).
    #[error("{0}")]
    OutdatedModel(String),
    /// The page's cursor is invalid.
    #[error(transparent)]
    Cursor(#[from] InvalidCursor),
    /// A dependency is unavailable, or a bug occurred.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl Outage for DataSessionError {
    fn is_outage(&self) -> bool {
        matches!(self, Self::Service(error) if error.is_outage())
    }
}
