//! The coin balance behind the cache.

use std::sync::Arc;

use async_trait::async_trait;
use domain::billing::coins::{Balance, CoinReads};
use domain::ids::UserId;
use domain::{CachedResponse, ServiceError};

use crate::cache::{Cache, Value, keys};

/// The coin balance behind the cache.
pub(crate) struct CachedCoinReads<S> {
    inner: Arc<S>,
    cache: Arc<Cache>,
}

impl<S> CachedCoinReads<S> {
    pub(crate) fn new(inner: S, cache: Arc<Cache>) -> Self {
        Self { inner: Arc::new(inner), cache }
    }
}

#[async_trait]
impl<S: CoinReads + 'static> CoinReads for CachedCoinReads<S> {
    async fn balance(&self, user: UserId) -> Result<CachedResponse<Balance>, ServiceError> {
        let load = move |inner: Arc<S>| async move { inner.balance(user).await };
        self.cache.read_present(keys::UserCoins(user).value(), &self.inner, load).await
    }
}
