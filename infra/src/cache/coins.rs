//! Coins, with the balance cached.

use std::sync::Arc;

use async_trait::async_trait;
use domain::accounts::Actor;
use domain::coins::{
    AdminGrant, Balance, Capture, CoinError, CoinService, Entry, Hold, HoldRefusal, Insufficient, Lot, NewHold, Refund,
    RefundRefusal, Spend, Spent, Void,
};
use domain::idempotency::{Attempt, Once};
use domain::ids::UserId;
use domain::page::{Page, PageRequest};
use domain::{Answer, Fault};

use super::{Cache, Key};

/// Coins behind the cache.
pub(crate) struct CachedCoins<S> {
    inner: Arc<S>,
    cache: Arc<Cache>,
}

impl<S> CachedCoins<S> {
    pub(crate) fn new(inner: S, cache: Arc<Cache>) -> Self {
        Self { inner: Arc::new(inner), cache }
    }
}

#[async_trait]
impl<S: CoinService + 'static> CoinService for CachedCoins<S> {
    async fn balance(&self, user: UserId) -> Result<Answer<Balance>, Fault> {
        let load = move |inner: Arc<S>| async move { inner.balance(user).await };
        self.cache.read_present(&Key::UserCoins(user), None, &self.inner, load).await
    }

    async fn ledger(&self, user: UserId, page: &PageRequest) -> Result<Page<Entry>, CoinError> {
        self.inner.ledger(user, page).await
    }

    async fn lots(&self, user: UserId, page: &PageRequest) -> Result<Page<Lot>, CoinError> {
        self.inner.lots(user, page).await
    }

    async fn holds(&self, user: UserId, page: &PageRequest) -> Result<Page<Hold>, CoinError> {
        self.inner.holds(user, page).await
    }

    async fn spend(&self, user: UserId, attempt: Attempt<Spend>) -> Result<Once<Result<Spent, Insufficient>>, CoinError> {
        self.inner.spend(user, attempt).await
    }

    async fn hold(&self, user: UserId, attempt: Attempt<NewHold>) -> Result<Once<Result<Hold, Insufficient>>, CoinError> {
        self.inner.hold(user, attempt).await
    }

    async fn capture(&self, user: UserId, attempt: Attempt<Capture>) -> Result<Once<Result<Hold, HoldRefusal>>, CoinError> {
        self.inner.capture(user, attempt).await
    }

    async fn void(&self, user: UserId, attempt: Attempt<Void>) -> Result<Once<Result<Hold, HoldRefusal>>, CoinError> {
        self.inner.void(user, attempt).await
    }

    async fn refund(&self, actor: &Actor, attempt: Attempt<Refund>) -> Result<Once<Result<Entry, RefundRefusal>>, CoinError> {
        self.inner.refund(actor, attempt).await
    }

    async fn grant(&self, actor: &Actor, attempt: Attempt<AdminGrant>) -> Result<Once<Entry>, CoinError> {
        self.inner.grant(actor, attempt).await
    }
}
