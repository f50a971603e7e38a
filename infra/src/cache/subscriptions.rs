//! Subscriptions and their statistics, cached.

use std::sync::Arc;

use async_trait::async_trait;
use domain::idempotency::Attempt;
use domain::ids::UserId;
use domain::page::{Page, PageRequest};
use domain::subscriptions::{
    Cancel, Change, Outcome, Pause, Plan, Preview, PreviewOf, Record, Resume, Stats, Subscribe, SubscriptionError,
    SubscriptionService, SubscriptionView,
};
use domain::{Answer, Fault};

use super::{Cache, Key};

/// Subscriptions behind the cache.
pub(crate) struct CachedSubscriptions<S> {
    inner: Arc<S>,
    cache: Arc<Cache>,
}

impl<S> CachedSubscriptions<S> {
    pub(crate) fn new(inner: Arc<S>, cache: Arc<Cache>) -> Self {
        Self { inner, cache }
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

    async fn events(&self, user: UserId, page: &PageRequest) -> Result<Page<Record>, SubscriptionError> {
        self.inner.events(user, page).await
    }

    async fn preview(&self, user: UserId, of: PreviewOf) -> Result<Preview, SubscriptionError> {
        self.inner.preview(user, of).await
    }

    async fn subscribe(&self, user: UserId, attempt: Attempt<Subscribe>) -> Outcome {
        self.inner.subscribe(user, attempt).await
    }

    async fn cancel(&self, user: UserId, attempt: Attempt<Cancel>) -> Outcome {
        self.inner.cancel(user, attempt).await
    }

    async fn change(&self, user: UserId, attempt: Attempt<Change>) -> Outcome {
        self.inner.change(user, attempt).await
    }

    async fn pause(&self, user: UserId, attempt: Attempt<Pause>) -> Outcome {
        self.inner.pause(user, attempt).await
    }

    async fn resume(&self, user: UserId, attempt: Attempt<Resume>) -> Outcome {
        self.inner.resume(user, attempt).await
    }
}
