//! The subscription behind the cache.

use std::sync::Arc;

use async_trait::async_trait;
use domain::billing::subscriptions::{SubscriptionReads, SubscriptionView};
use domain::ids::UserId;
use domain::{CachedResponse, ServiceError};

use crate::cache::{Cache, Value, keys};

/// The subscription behind the cache.
pub(crate) struct CachedSubscriptionReads<S> {
    inner: Arc<S>,
    cache: Arc<Cache>,
}

impl<S> CachedSubscriptionReads<S> {
    pub(crate) fn new(inner: S, cache: Arc<Cache>) -> Self {
        Self { inner: Arc::new(inner), cache }
    }
}

#[async_trait]
impl<S: SubscriptionReads + 'static> SubscriptionReads for CachedSubscriptionReads<S> {
    async fn subscription(&self, user: UserId) -> Result<CachedResponse<SubscriptionView>, ServiceError> {
        let load = move |inner: Arc<S>| async move { inner.subscription(user).await };
        self.cache.read_present(keys::SubscriptionUser(user).value(), &self.inner, load).await
    }
}
