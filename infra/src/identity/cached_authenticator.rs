//! A cache of verified tokens in the memory of this process.
//!
//! A principal is cached until its credential or its first temporary permission ends. A revocation is a row of the change log, and it
//! is acknowledged after D. By then no server accepts the principal, with or without Redis.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use domain::Clock;
use domain::identity::{AccountError, Authenticator, Principal};

use super::last_uses::{LastUses, PRECISION_SECONDS};
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
    last_uses: Arc<LastUses>,
    verified: quick_cache::sync::Cache<String, Arc<Verified>>,
}

/// A verified token, and the horizon of the change log before its verification.
struct Verified {
    principal: Principal,
    stamp: Position,
    /// The keys of the change log that revoke the principal.
    keys: Vec<String>,
    /// The second of the last use that was noted.
    noted: AtomicI64,
}

impl<S> CachedAuthenticator<S> {
    pub(crate) fn new(inner: S, cache: Arc<Cache>, clock: Arc<dyn Clock>, last_uses: Arc<LastUses>) -> Self {
        Self { inner, cache, clock, last_uses, verified: quick_cache::sync::Cache::new(CAPACITY) }
    }

    fn find(&self, token: &str) -> Option<Arc<Verified>> {
        let verified = self.verified.get(token)?;
        let now = self.clock.now();
        let unexpired = verified.principal.expires_at > now;
        let found = (unexpired && self.cache.are_current(&verified.keys, verified.stamp)).then_some(verified)?;
        self.note_use(&found, now.timestamp());
        Some(found)
    }

    /// Notes the use of a credential, at most once a minute for each token.
    fn note_use(&self, verified: &Verified, now: i64) {
        let noted = verified.noted.load(Ordering::Relaxed);
        let is_due = now - noted >= PRECISION_SECONDS;
        if is_due && verified.noted.compare_exchange(noted, now, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            self.last_uses.note(verified.principal.credential);
        }
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
        self.last_uses.note(principal.credential);
        let noted = AtomicI64::new(self.clock.now().timestamp());
        let verified = Verified { principal, stamp, keys: revocations::keys_of(&principal), noted };
        self.verified.insert(access_token.to_owned(), Arc::new(verified));
        Ok(principal)
    }
}
