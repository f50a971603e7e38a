//! A user's settings, cached until they change.

use std::sync::Arc;

use async_trait::async_trait;
use domain::ids::UserId;
use domain::revision::Precondition;
use domain::user_settings::{UserSettings, UserSettingsError, UserSettingsService, UserSettingsValues};
use domain::{Answer, Fault};

use super::{Cache, Key};

/// User settings behind the cache.
pub(crate) struct CachedUserSettings<S> {
    inner: Arc<S>,
    cache: Arc<Cache>,
}

impl<S> CachedUserSettings<S> {
    pub(crate) fn new(inner: S, cache: Arc<Cache>) -> Self {
        Self { inner: Arc::new(inner), cache }
    }
}

#[async_trait]
impl<S: UserSettingsService + 'static> UserSettingsService for CachedUserSettings<S> {
    async fn read(&self, user: UserId) -> Result<Answer<UserSettings>, Fault> {
        let load = move |inner: Arc<S>| async move { inner.read(user).await };
        self.cache.read_present(&Key::UserSettings(user), None, &self.inner, load).await
    }

    async fn replace(
        &self,
        user: UserId,
        seen: &Precondition,
        values: UserSettingsValues,
    ) -> Result<Answer<UserSettings>, UserSettingsError> {
        self.inner.replace(user, seen, values).await
    }
}
