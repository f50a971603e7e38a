//! The platform's settings for text and image generation: defaults, allowed ranges, models and prices.

mod model;

use async_trait::async_trait;

pub use model::*;

use crate::identity::{Forbidden, Principal};
use crate::revision::{Precondition, Stale};
use crate::{CachedResponse, Invalid, ServiceError};

/// Why the settings were not replaced.
#[derive(Debug, Clone, thiserror::Error)]
pub enum GenerationSettingsError {
    /// The actor is not an administrator.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The values contradict each other.
    #[error("{reason}")]
    Invalid {
        /// JSON pointer (RFC 6901) to the invalid value.
        pointer: String,
        /// Why it is invalid.
        reason: Invalid,
    },
    /// The settings have changed since the client read them.
    #[error(transparent)]
    Stale(#[from] Stale),
    /// A dependency is unavailable, or a bug occurred.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// The cacheable read of the generation settings.
#[async_trait]
pub trait GenerationReads: Send + Sync {
    /// The current settings.
    ///
    /// # Errors
    /// [`ServiceError`] only.
    async fn settings(&self) -> Result<CachedResponse<GenerationSettings>, ServiceError>;
}

/// Changes of the platform's generation settings. The settings always exist.
#[async_trait]
pub trait GenerationSettingsService: Send + Sync {
    /// Replaces the settings as a whole.
    ///
    /// # Errors
    /// [`GenerationSettingsError::Forbidden`], [`GenerationSettingsError::Invalid`], [`GenerationSettingsError::Stale`].
    async fn replace(
        &self,
        actor: &Principal,
        seen: &Precondition,
        values: GenerationValues,
    ) -> Result<CachedResponse<GenerationSettings>, GenerationSettingsError>;
}
