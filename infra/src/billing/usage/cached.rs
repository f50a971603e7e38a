//! Usage statistics behind the cache.

use std::sync::Arc;

use async_trait::async_trait;
use domain::billing::usage::{Stats, UsageReads};
use domain::ids::UserId;
use domain::{CachedResponse, ServiceError};

use crate::cache::{Cache, Value, keys};

/// Usage statistics behind the cache.
pub(crate) struct CachedUsageReads<S> {
    inner: Arc<S>,
    cache: Arc<Cache>,
}

impl<S> CachedUsageReads<S> {
    pub(crate) fn new(inner: S, cache: Arc<Cache>) -> Self {
        Self { inner: Arc::new(inner), cache }
    }
}

#[async_trait]
impl<S: UsageReads + 'static> UsageReads for CachedUsageReads<S> {
    async fn stats(&self, user: UserId) -> Result<CachedResponse<Stats>, ServiceError> {
        let load = move |inner: Arc<S>| async move { inner.stats(user).await };
        self.cache.read_present(keys::SubscriptionStats(user).value(), &self.inner, load).await
    }
}
