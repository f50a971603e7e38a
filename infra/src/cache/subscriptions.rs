//! Subscriptions and their statistics, cached.

use std::sync::Arc;

use async_trait::async_trait;
use domain::idempotency::{Attempt, Once};
use domain::ids::UserId;
use domain::subscriptions::{
    Cancel, InvalidTransition, Plan, Stats, Subscribe, SubscriptionError, SubscriptionService, SubscriptionView,
};
use domain::{Answer, Fault};

use super::{Cache, Key};

/// Subscriptions behind the cache.
pub(crate) struct CachedSubscriptions<S> {
    inner: Arc<S>,
    cache: Arc<Cache>,
}

impl<S> CachedSubscriptions<S> {
    pub(crate) fn new(inner: S, cache: Arc<Cache>) -> Self {
        Self { inner: Arc::new(inner), cache }
    }
}

#[async_trait]
impl<S: SubscriptionService + 'static> SubscriptionService for CachedSubscriptions<S> {
    async fn plans(&self) -> Result<Vec<Plan>, Fault> {
        self.inner.plans().await
    }

    async fn read(&self, user: UserId) -> Result<Answer<SubscriptionView>, Fault> {
        let load = move |inner: Arc<S>| async move { inner.read(user).await };
        self.cache.read_present(&Key::SubscriptionUser(user), None, &self.inner, load).await
    }

    async fn stats(&self, user: UserId) -> Result<Answer<Stats>, Fault> {
        let load = move |inner: Arc<S>| async move { inner.stats(user).await };
        self.cache.read_present(&Key::SubscriptionStats(user), None, &self.inner, load).await
    }

    async fn subscribe(&self, user: UserId, attempt: Attempt<Subscribe>) -> Result<Once<SubscriptionView>, SubscriptionError> {
        self.inner.subscribe(user, attempt).await
    }

    async fn cancel(
        &self,
        user: UserId,
        attempt: Attempt<Cancel>,
    ) -> Result<Once<Result<SubscriptionView, InvalidTransition>>, SubscriptionError> {
        self.inner.cancel(user, attempt).await
    }
}
