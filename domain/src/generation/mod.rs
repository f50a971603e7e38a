//! The platform's settings for generating text and pictures: defaults, allowed ranges, models and prices.

mod model;

use async_trait::async_trait;

pub use model::*;

use crate::identity::{Actor, Forbidden};
use crate::revision::{Precondition, Stale};
use crate::{CachedResponse, Invalid, ServiceError};

/// Why the settings were not replaced.
#[derive(Debug, Clone, thiserror::Error)]
pub enum GenerationSettingsError {
    /// Only administrators change them.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// They contradict themselves.
    #[error("{reason}")]
    Invalid {
        /// JSON pointer (RFC 6901) to the value at fault.
        pointer: String,
        /// What is wrong with it.
        reason: Invalid,
    },
    /// They changed since the client read them.
    #[error(transparent)]
    Stale(#[from] Stale),
    /// Something outside the rules failed.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// The cacheable read of the generation settings.
#[async_trait]
pub trait GenerationReads: Send + Sync {
    /// The settings in force.
    ///
    /// # Errors
    /// Only faults.
    async fn settings(&self) -> Result<CachedResponse<GenerationSettings>, ServiceError>;
}

/// Replaces the platform's generation settings. They always exist.
#[async_trait]
pub trait GenerationSettingsService: Send + Sync {
    /// Replaces the settings as a whole.
    ///
    /// # Errors
    /// [`GenerationSettingsError::Forbidden`], [`GenerationSettingsError::Invalid`], [`GenerationSettingsError::Stale`].
    async fn replace(
        &self,
        actor: &Actor,
        seen: &Precondition,
        values: GenerationValues,
    ) -> Result<CachedResponse<GenerationSettings>, GenerationSettingsError>;
}
