//! Accounts, with verified tokens remembered in this process.
//!
//! A token is remembered until it expires. The end of its session is a change in the log like any other and is acknowledged D
//! later, so by then no server takes the token, with or without Redis.

use std::sync::Arc;

use async_trait::async_trait;
use domain::Clock;
use domain::accounts::{AccountError, AccountService, Actor, Credentials, Registration, Tokens, User, UserChange};
use domain::revision::Precondition;

use super::Cache;
use super::changes::{Position, Verdict};
use super::invalidation::session_key;
use super::loading::in_time;

/// How many tokens are remembered.
const REMEMBERED: usize = 50_000;

/// Accounts behind the memory of their tokens.
pub(crate) struct CachedAccounts<S> {
    inner: S,
    cache: Arc<Cache>,
    clock: Arc<dyn Clock>,
    verified: quick_cache::sync::Cache<String, Arc<Verified>>,
}

/// A token's verification, and the log's horizon before it.
struct Verified {
    actor: Actor,
    stamp: Position,
    session: String,
}

impl<S> CachedAccounts<S> {
    pub(crate) fn new(inner: S, cache: Arc<Cache>, clock: Arc<dyn Clock>) -> Self {
        Self { inner, cache, clock, verified: quick_cache::sync::Cache::new(REMEMBERED) }
    }

    fn remembered(&self, token: &str) -> Option<Arc<Verified>> {
        let verified = self.verified.get(token)?;
        let in_time = verified.actor.expires_at > self.clock.now();
        let stands = in_time && self.cache.changes.judge(&verified.session, verified.stamp) == Verdict::Serve;
        stands.then_some(verified)
    }
}

#[async_trait]
impl<S: AccountService> AccountService for CachedAccounts<S> {
    async fn authenticate(&self, access_token: &str) -> Result<Actor, AccountError> {
        if let Some(verified) = self.remembered(access_token) {
            return Ok(verified.actor.clone());
        }
        let stamp = in_time(self.cache.log.horizon()).await?;
        let actor = in_time(self.inner.authenticate(access_token)).await?;
        let verified = Verified { actor: actor.clone(), stamp, session: session_key(actor.session) };
        self.verified.insert(access_token.to_owned(), Arc::new(verified));
        Ok(actor)
    }

    async fn register(&self, registration: Registration) -> Result<User, AccountError> {
        self.inner.register(registration).await
    }

    async fn login(&self, credentials: Credentials) -> Result<Tokens, AccountError> {
        self.inner.login(credentials).await
    }

    async fn refresh(&self, refresh_token: &str) -> Result<Tokens, AccountError> {
        self.inner.refresh(refresh_token).await
    }

    async fn logout(&self, actor: &Actor) -> Result<(), AccountError> {
        self.inner.logout(actor).await
    }

    async fn me(&self, actor: &Actor) -> Result<User, AccountError> {
        self.inner.me(actor).await
    }

    async fn update(&self, actor: &Actor, seen: &Precondition, change: UserChange) -> Result<User, AccountError> {
        self.inner.update(actor, seen, change).await
    }
}
