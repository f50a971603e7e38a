//! Failures outside the domain's rules: an unavailable dependency, or a bug.

use std::error::Error;
use std::sync::Arc;

type Source = Arc<dyn Error + Send + Sync>;

/// A failure that is no refusal by a domain rule. Cheap to clone, so that all callers of a shared load receive it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ServiceError {
    /// A dependency does not respond; the same request may succeed later (503).
    #[error("a dependency is unavailable")]
    Unavailable(#[source] Source),
    /// An invariant is violated by a bug or by damaged data (500).
    #[error("an internal error")]
    Bug(#[source] Source),
}

impl ServiceError {
    /// An unavailable dependency, with the error that it returned.
    pub fn unavailable(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unavailable(Arc::from(source.into()))
    }

    /// A violated invariant, with its cause.
    pub fn bug(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Bug(Arc::from(source.into()))
    }
}

impl From<serde_json::Error> for ServiceError {
    fn from(error: serde_json::Error) -> Self {
        Self::bug(error)
    }
}

/// Distinguishes outages, where a retry may succeed, from other errors.
pub trait Outage {
    /// Whether a dependency was unavailable.
    fn is_outage(&self) -> bool;
}

impl Outage for ServiceError {
    fn is_outage(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}
