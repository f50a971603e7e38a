//! What a write owes the cache: the keys it touched, dropped after its commit.

use super::store::Away;
use super::{Cache, Key};

/// How often a drop is tried.
const TRIES: usize = 2;

/// The keys that a write touches. A write cannot be committed without saying them.
#[derive(Debug, Default)]
pub(crate) struct Keys(Vec<Key>);

impl Keys {
    /// Nothing that any cache holds.
    pub(crate) fn none() -> Self {
        Self::default()
    }

    /// These keys.
    pub(crate) fn of(keys: impl IntoIterator<Item = Key>) -> Self {
        Self(keys.into_iter().collect())
    }

    /// The outcome of a write that touched these keys.
    pub(crate) fn touched_by<T>(self, value: T) -> Written<T> {
        Written { value, keys: self }
    }
}

/// The outcome of a write, and what it owes the cache.
#[derive(Debug)]
pub(crate) struct Written<T> {
    pub(crate) value: T,
    pub(crate) keys: Keys,
}

impl Cache {
    /// Drops what a write touched; called after its commit and before its acknowledgement.
    pub(crate) async fn drop_all(&self, keys: Keys) {
        futures_util::future::join_all(keys.0.iter().map(|key| self.drop_key(key))).await;
    }

    async fn drop_key(&self, key: &Key) {
        let slot = self.slot(key, None);
        for _ in 0..TRIES {
            match self.store.drop_key(&slot).await {
                Ok(()) => return,
                Err(Away(reason)) => tracing::debug!(key = slot.key, reason, "a drop was not confirmed"),
            }
        }
    }
}
