//! Safeguards of the cache that tests of the freshness checker switch off, to prove that the checker detects their absence.
//!
//! Releases do not have the feature `naive`: then no safeguard is omitted, and every function here is constant. With the feature,
//! the variable `ATELIER_OMITS` lists the omitted safeguards, separated by commas. Omissions weaken the freshness of reads and
//! nothing else. All code of the naive variants is in this file.

use std::sync::Arc;

use super::redis::RedisStore;
use super::store::Store;

macro_rules! safeguards {
    ($($(#[$doc:meta])* $name:ident = $word:literal;)+) => {$(
        $(#[$doc])*
        #[cfg(not(feature = "naive"))]
        pub(crate) const fn $name() -> bool {
            false
        }

        $(#[$doc])*
        #[cfg(feature = "naive")]
        pub(crate) fn $name() -> bool {
            naive::omits($word)
        }
    )+};
}

safeguards! {
    /// Followers share the value of their leader without validation, also if the store refused it: ordinary single flight.
    omits_acceptance = "acceptance";
    /// Copies in the process are inserted even if their key changed since they were read. The change log still validates them.
    omits_epoch_guard = "guard";
    /// The change log does not validate values.
    omits_log = "log";
}

/// The store of the protocol.
#[cfg(not(feature = "naive"))]
pub(crate) fn store_over(redis: Arc<RedisStore>) -> Arc<dyn Store> {
    redis
}

/// The store of the protocol, or plain cache-aside instead.
#[cfg(feature = "naive")]
pub(crate) fn store_over(redis: Arc<RedisStore>) -> Arc<dyn Store> {
    if naive::omits("lease") { Arc::new(naive::CacheAside(redis)) } else { redis }
}

#[cfg(feature = "naive")]
mod naive {
    use std::sync::{Arc, LazyLock};

    use async_trait::async_trait;
    use domain::Layer;
    use fred::interfaces::{HashesInterface, KeysInterface};
    use fred::types::{Expiration, Value};

    use super::super::entry::{Entry, FillId};
    use super::super::local_store::LocalStore;
    use super::super::redis::RedisStore;
    use super::super::slot::CacheSlot;
    use super::super::store::{Acquired, InvalidationPosition, Lookup, Store, StoreUnavailable};
    use crate::db::TxId;

    /// Whether this safeguard is omitted.
    #[expect(clippy::disallowed_methods, reason = "a switch for tests, not a setting: releases do not have it")]
    pub(super) fn omits(safeguard: &str) -> bool {
        static OMITTED: LazyLock<String> = LazyLock::new(|| std::env::var("ATELIER_OMITS").unwrap_or_default());
        OMITTED.split(',').any(|omitted| omitted == safeguard)
    }

    /// Plain cache-aside over Redis: commit, then DEL; on a miss load, then SET. It has no barriers and no leases, and accepts every
    /// fill.
    pub(super) struct CacheAside(pub(super) Arc<RedisStore>);

    #[async_trait]
    impl Store for CacheAside {
        fn layer(&self) -> Layer {
            self.0.layer()
        }

        async fn get(&self, slot: &CacheSlot) -> Result<Lookup, StoreUnavailable> {
            self.0.get(slot).await
        }

        async fn acquire(&self, _: &CacheSlot, _: FillId, _: Option<FillId>) -> Result<Acquired, StoreUnavailable> {
            Ok(Acquired::Lease)
        }

        async fn fill(&self, slot: &CacheSlot, entry: Arc<Entry>, ttl_ms: i64) -> Result<bool, StoreUnavailable> {
            let Some(bytes) = entry.encode(slot) else { return Ok(false) };
            let (client, bytes) = (self.0.client(), Value::Bytes(bytes.into()));
            let set: Result<(), _> = match &slot.field {
                None => client.set(&slot.key, bytes, Some(Expiration::PX(ttl_ms)), None, false).await,
                Some(field) => client.hset(&slot.key, (field.as_str(), bytes)).await,
            };
            set.map(|()| true).map_err(|error| StoreUnavailable(error.to_string()))
        }

        async fn begin(&self, _: &str, _: TxId) -> Result<(), StoreUnavailable> {
            Ok(())
        }

        async fn end(&self, key: &str, _: Option<TxId>, position: InvalidationPosition) -> Result<(), StoreUnavailable> {
            self.0.end(key, None, position).await
        }

        async fn ping(&self) -> Result<(), StoreUnavailable> {
            self.0.ping().await
        }

        async fn clear(&self, pattern: &str) -> Result<u64, StoreUnavailable> {
            self.0.clear(pattern).await
        }

        fn local(&self) -> Option<&LocalStore> {
            self.0.local()
        }
    }
}
