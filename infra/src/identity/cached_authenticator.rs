//! A cache of verified tokens in the memory of this process.
//!
//! A principal is cached until its credential or its first temporary permission ends. A revocation is a row of the change log, and it
//! is acknowledged after D. By then no server accepts the principal, with or without Redis.

use std::sync::Arc;

use async_trait::async_trait;
use domain::Clock;
use domain::identity::{AccountError, Authenticator, Principal};

use super::revocations;
use crate::cache::{Cache, with_timeout};
use crate::db::Position;

/// The maximum number of cached tokens.
const CAPACITY: usize = 50_000;

/// The authenticator behind a cache of verified tokens.
pub(crate) struct CachedAuthenticator<S> {
    inner: S,
    cache: Arc<Cache>,
    clock: Arc<dyn Clock>,
    verified: quick_cache::sync::Cache<String, Arc<Verified>>,
}

/// A verified token, and the horizon of the change log before its verification.
struct Verified {
    principal: Principal,
    stamp: Position,
    /// The keys of the change log that revoke the principal.
    keys: Vec<String>,
}

impl<S> CachedAuthenticator<S> {
    pub(crate) fn new(inner: S, cache: Arc<Cache>, clock: Arc<dyn Clock>) -> Self {
        Self { inner, cache, clock, verified: quick_cache::sync::Cache::new(CAPACITY) }
    }

    fn find(&self, token: &str) -> Option<Arc<Verified>> {
        let verified = self.verified.get(token)?;
        let unexpired = verified.principal.expires_at > self.clock.now();
        (unexpired && self.cache.are_current(&verified.keys, verified.stamp)).then_some(verified)
    }
}

#[async_trait]
impl<S: Authenticator> Authenticator for CachedAuthenticator<S> {
    async fn authenticate(&self, access_token: &str) -> Result<Principal, AccountError> {
        if let Some(verified) = self.find(access_token) {
            return Ok(verified.principal);
        }
        let stamp = self.cache.horizon().await?;
        let principal = with_timeout(self.inner.authenticate(access_token)).await?;
        let verified = Verified { principal, stamp, keys: revocations::keys_of(&principal) };
        self.verified.insert(access_token.to_owned(), Arc::new(verified));
        Ok(principal)
    }
}
