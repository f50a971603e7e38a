//! Safeguards that the freshness checker switches off, to show that it would notice.
//!
//! Without the feature `naive`, which no release has, nothing is omitted and every question here is answered at compile time. With
//! it, the variable `ATELIER_OMITS` names the omitted safeguards, divided by commas. That weakens promises and changes nothing else:
//! every request is answered as before. All code of the naive variants is in this file.

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
    /// Followers take what their leader has loaded, accepted by the store or not, and do not judge it: ordinary single-flight.
    omits_acceptance = "acceptance";
    /// Copies in the process are inserted whatever happened since they were read. The change log still judges them.
    omits_epoch_guard = "guard";
    /// The change log judges nothing.
    omits_log = "log";
}

/// The store of the protocol.
#[cfg(not(feature = "naive"))]
pub(crate) fn store_over(redis: Arc<RedisStore>) -> Arc<dyn Store> {
    redis
}

/// The store of the protocol, or plain cache-aside in place of it.
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

    use crate::cache::entry::{Entry, FillId};
    use crate::cache::local_store::LocalStore;
    use crate::cache::redis::RedisStore;
    use crate::cache::slot::CacheSlot;
    use crate::cache::store::{Acquired, InvalidationPosition, Lookup, Store, StoreUnavailable};
    use crate::db::TxId;

    /// Whether this safeguard is omitted.
    #[expect(clippy::disallowed_methods, reason = "no setting of the program: no release has it")]
    pub(super) fn omits(safeguard: &str) -> bool {
        static OMITTED: LazyLock<String> = LazyLock::new(|| std::env::var("ATELIER_OMITS").unwrap_or_default());
        OMITTED.split(',').any(|omitted| omitted == safeguard)
    }

    /// Plain cache-aside over Redis: commit, DEL; on a miss load and SET. No barriers, no leases, every fill is accepted.
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
