//! The user directory behind the cache. Only user ids are cached.

use std::sync::Arc;

use async_trait::async_trait;
use domain::identity::{Email, UserDirectory};
use domain::ids::UserId;
use domain::{CachedResponse, ServiceError};

use crate::cache::{Cache, Value, keys};

/// The user directory behind the cache.
pub(crate) struct CachedUserDirectory<S> {
    inner: Arc<S>,
    cache: Arc<Cache>,
}

impl<S> CachedUserDirectory<S> {
    pub(crate) fn new(inner: S, cache: Arc<Cache>) -> Self {
        Self { inner: Arc::new(inner), cache }
    }
}

#[async_trait]
impl<S: UserDirectory + 'static> UserDirectory for CachedUserDirectory<S> {
    async fn id_by_email(&self, email: &Email) -> Result<Option<CachedResponse<UserId>>, ServiceError> {
        let (key, email) = (keys::UserEmail(email.clone()), email.clone());
        let load = move |inner: Arc<S>| {
            let email = email.clone();
            async move { inner.id_by_email(&email).await }
        };
        self.cache.read(key.value(), &self.inner, load).await
    }
}
