//! What can fail outside the rules: a dependency that is away, or a bug.

use std::error::Error;
use std::sync::Arc;

type Source = Arc<dyn Error + Send + Sync>;

/// A failure that no rule of the domain explains. Cheap to clone, so that callers who waited for one load share it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ServiceError {
    /// A dependency does not answer; the same request may succeed later (503).
    #[error("a dependency is unavailable")]
    Unavailable(#[source] Source),
    /// Something that must hold does not: a bug, or damaged data (500).
    #[error("an internal fault")]
    Bug(#[source] Source),
}

impl ServiceError {
    /// A dependency that is away, with what it said.
    pub fn unavailable(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unavailable(Arc::from(source.into()))
    }

    /// A broken expectation, with what was found.
    pub fn bug(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Bug(Arc::from(source.into()))
    }
}

impl From<serde_json::Error> for ServiceError {
    fn from(error: serde_json::Error) -> Self {
        Self::bug(error)
    }
}

/// Tells errors that a later try may not meet from those that it will.
pub trait Outage {
    /// A dependency was away.
    fn is_outage(&self) -> bool;
}

impl Outage for ServiceError {
    fn is_outage(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}
