//! A user's settings behind the cache.

use std::sync::Arc;

use async_trait::async_trait;
use domain::identity::settings::{UserSettings, UserSettingsReads};
use domain::ids::UserId;
use domain::{CachedResponse, ServiceError};

use crate::cache::{Cache, Value, keys};

/// User settings behind the cache.
pub(crate) struct CachedUserSettingsReads<S> {
    inner: Arc<S>,
    cache: Arc<Cache>,
}

impl<S> CachedUserSettingsReads<S> {
    pub(crate) fn new(inner: S, cache: Arc<Cache>) -> Self {
        Self { inner: Arc::new(inner), cache }
    }
}

#[async_trait]
impl<S: UserSettingsReads + 'static> UserSettingsReads for CachedUserSettingsReads<S> {
    async fn settings(&self, user: UserId) -> Result<CachedResponse<UserSettings>, ServiceError> {
        let load = move |inner: Arc<S>| async move { inner.settings(user).await };
        self.cache.read_present(keys::UserSettings(user).value(), &self.inner, load).await
    }
}
