//! Why the services cannot start.

use domain::ServiceError;

/// Why the services cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database cannot be used, and the operator can correct that. The sentence says how, without credentials.
    #[error("{0}")]
    Database(String),
    /// The configuration does not fit the database or the servers on it. The sentence says what to do, without credentials.
    #[error("{0}")]
    Refused(String),
    /// Any other failure.
    #[error(transparent)]
    Service(#[from] ServiceError),
}
