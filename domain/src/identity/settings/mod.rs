//! A user's own settings for chatting.

mod model;

use async_trait::async_trait;

pub use model::*;

use crate::ids::UserId;
use crate::revision::{Precondition, Stale};
use crate::{CachedResponse, ServiceError};

/// Why settings were not changed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum UserSettingsError {
    /// They changed since the client read them.
    #[error(transparent)]
    Stale(#[from] Stale),
    /// Something outside the rules failed.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// The cacheable read of a user's settings.
#[async_trait]
pub trait UserSettingsReads: Send + Sync {
    /// The settings.
    ///
    /// # Errors
    /// Only faults.
    async fn settings(&self, user: UserId) -> Result<CachedResponse<UserSettings>, ServiceError>;
}

/// Replaces a user's settings. They exist as long as the user does.
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
