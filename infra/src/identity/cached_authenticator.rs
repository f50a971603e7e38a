//! A cache of verified credentials in the memory of this process.
//!
//! A principal is cached until its credential or its first temporary permission ends. A revocation is a row of the change log, and it
//! is acknowledged after D. By then no server accepts the principal, with or without Redis.

use std::borrow::Cow;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use domain::identity::{AccountError, Authenticator, Credential, Holder, Presented, PresentedCredential, Principal};
use domain::{Clock, Time};

use super::last_uses::{LastUses, PRECISION_SECONDS};
use super::revocations;
use crate::cache::{Cache, with_timeout};
use crate::db::Position;

/// The maximum number of cached credentials.
const CAPACITY: usize = 50_000;

/// The authenticator behind a cache of verified credentials.
pub(crate) struct CachedAuthenticator<S> {
    inner: S,
    cache: Arc<Cache>,
    clock: Arc<dyn Clock>,
    last_uses: Arc<LastUses>,
    verified: quick_cache::sync::Cache<String, Arc<Verified>>,
}

/// A verified credential, and the horizon of the change log before its verification.
struct Verified {
    principal: Principal,
    stamp: Position,
    /// The keys of the change log that revoke the principal.
    keys: Vec<String>,
    /// When its use was last noted, in seconds.
    noted: AtomicI64,
}

impl<S> CachedAuthenticator<S> {
    pub(crate) fn new(inner: S, cache: Arc<Cache>, clock: Arc<dyn Clock>, last_uses: Arc<LastUses>) -> Self {
        Self { inner, cache, clock, last_uses, verified: quick_cache::sync::Cache::new(CAPACITY) }
    }

    fn find(&self, name: &str, now: Time) -> Option<Arc<Verified>> {
        let verified = self.verified.get(name)?;
        let unexpired = verified.principal.expires_at > now;
        (unexpired && self.cache.are_current(&verified.keys, verified.stamp)).then_some(verified)
    }

    /// Notes the use of a credential, at most once a minute for each.
    fn note_use(&self, verified: &Verified, now: i64) {
        let noted = verified.noted.load(Ordering::Relaxed);
        let is_due = now - noted >= PRECISION_SECONDS;
        if is_due && verified.noted.compare_exchange(noted, now, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            self.last_uses.note(verified.principal.credential);
        }
    }
}

/// The name under which a credential is remembered: its text, and the user whom it names. The name of a key has spaces, which a token
/// has not.
fn name(presented: Presented<'_>) -> Cow<'_, str> {
    match (presented.credential, presented.acts_for) {
        (PresentedCredential::Token(token), None) => token.into(),
        (PresentedCredential::Token(token), Some(user)) => format!("{token} {user}").into(),
        (PresentedCredential::Key(key), None) => format!("key {key} -").into(),
        (PresentedCredential::Key(key), Some(user)) => format!("key {key} {user}").into(),
    }
}

/// The name under which a holder is remembered. It has four words: that of a token has two at most, that of a key begins otherwise.
fn holder_name(Holder { user, credential }: Holder) -> String {
    let (kind, credential) = match credential {
        Credential::Session(session) => ("session", session.to_string()),
        Credential::UserKey(key) => ("user_key", key.to_string()),
        Credential::ServiceKey(key) => ("service_key", key.to_string()),
    };
    let user = user.map_or_else(|| "-".to_owned(), |user| user.to_string());
    format!("holder {kind} {credential} {user}")
}

impl<S: Authenticator> CachedAuthenticator<S> {
    /// The remembered principal of this name, or the one that `verification` returns.
    async fn remembered(
        &self,
        name: Cow<'_, str>,
        verification: impl Future<Output = Result<Principal, AccountError>>,
    ) -> Result<Principal, AccountError> {
        let now = self.clock.now();
        if let Some(verified) = self.find(&name, now) {
            self.note_use(&verified, now.timestamp());
            return Ok(verified.principal);
        }
        let stamp = self.cache.horizon().await?;
        let principal = with_timeout(verification).await?;
        self.last_uses.note(principal.credential);
        let noted = AtomicI64::new(now.timestamp());
        let verified = Verified { principal, stamp, keys: revocations::keys_of(&principal), noted };
        self.verified.insert(name.into_owned(), Arc::new(verified));
        Ok(principal)
    }
}

#[async_trait]
impl<S: Authenticator> Authenticator for CachedAuthenticator<S> {
    async fn authenticate(&self, presented: Presented<'_>) -> Result<Principal, AccountError> {
        self.remembered(name(presented), self.inner.authenticate(presented)).await
    }

    async fn reauthenticate(&self, holder: Holder) -> Result<Principal, AccountError> {
        self.remembered(holder_name(holder).into(), self.inner.reauthenticate(holder)).await
    }
}
