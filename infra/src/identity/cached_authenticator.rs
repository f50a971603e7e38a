//! Verified tokens, remembered in this process.
//!
//! A token is remembered until it expires. The end of its session is a change in the log like any other and is acknowledged D
//! later, so by then no server accepts the token, with or without Redis.

use std::sync::Arc;

use async_trait::async_trait;
use domain::Clock;
use domain::identity::{AccountError, Actor, Authenticator};

use super::sessions::session_row;
use crate::cache::{Cache, with_timeout};
use crate::db::Position;

/// How many tokens are remembered.
const REMEMBERED: usize = 50_000;

/// The authenticator behind the memory of its tokens.
pub(crate) struct CachedAuthenticator<S> {
    inner: S,
    cache: Arc<Cache>,
    clock: Arc<dyn Clock>,
    verified: quick_cache::sync::Cache<String, Arc<Verified>>,
}

/// A token's verification, and the log's horizon before it.
struct Verified {
    actor: Actor,
    stamp: Position,
    /// The session's row in the change log.
    session: String,
}

impl<S> CachedAuthenticator<S> {
    pub(crate) fn new(inner: S, cache: Arc<Cache>, clock: Arc<dyn Clock>) -> Self {
        Self { inner, cache, clock, verified: quick_cache::sync::Cache::new(REMEMBERED) }
    }

    fn remembered(&self, token: &str) -> Option<Arc<Verified>> {
        let verified = self.verified.get(token)?;
        let in_time = verified.actor.expires_at > self.clock.now();
        (in_time && self.cache.is_current(&verified.session, verified.stamp)).then_some(verified)
    }
}

#[async_trait]
impl<S: Authenticator> Authenticator for CachedAuthenticator<S> {
    async fn authenticate(&self, access_token: &str) -> Result<Actor, AccountError> {
        if let Some(verified) = self.remembered(access_token) {
            return Ok(verified.actor.clone());
        }
        let stamp = self.cache.horizon().await?;
        let actor = with_timeout(self.inner.authenticate(access_token)).await?;
        let verified = Verified { actor: actor.clone(), stamp, session: session_row(actor.session) };
        self.verified.insert(access_token.to_owned(), Arc::new(verified));
        Ok(actor)
    }
}
