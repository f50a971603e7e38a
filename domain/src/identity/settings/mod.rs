//! A user's settings for chats.

mod model;

use async_trait::async_trait;

pub use model::*;

use crate::ids::UserId;
use crate::revision::{Precondition, Stale};
use crate::{CachedResponse, ServiceError};

/// Why the settings were not replaced.
#[derive(Debug, Clone, thiserror::Error)]
pub enum UserSettingsError {
    /// The settings have changed since the client read them.
    #[error(transparent)]
    Stale(#[from] Stale),
    /// A dependency is unavailable, or a bug occurred.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// The cacheable read of a user's settings.
#[async_trait]
pub trait UserSettingsReads: Send + Sync {
    /// The user's settings.
    ///
    /// # Errors
    /// [`ServiceError`] only.
    async fn settings(&self, user: UserId) -> Result<CachedResponse<UserSettings>, ServiceError>;
}

/// Changes of a user's settings. Every user has settings.
#[async_trait]
pub trait UserSettingsService: Send + Sync {
    /// Replaces the settings as a whole.
    ///
    /// # Errors
    /// [`UserSettingsError::Stale`].
    async fn replace(
        &self,
        user: UserId,
        seen: &Precondition,
        values: UserSettingsValues,
    ) -> Result<CachedResponse<UserSettings>, UserSettingsError>;
}
