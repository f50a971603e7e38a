//! Plain cache-aside over Redis, the way that most services cache: commit, DEL; on a miss load and SET.
//!
//! It exists only with the feature `naive`, for the checker of freshness to catch.

use std::sync::Arc;

use async_trait::async_trait;
use domain::Layer;
use fred::interfaces::{HashesInterface, KeysInterface};
use fred::types::{Expiration, Value};

use super::entry::{Entry, FillId};
use super::key::Slot;
use super::redis::RedisStore;
use super::shelf::Shelf;
use super::store::{Acquired, Away, Found, News, Store, TxId};

pub(crate) struct CacheAside(Arc<RedisStore>);

impl CacheAside {
    pub(crate) fn new(store: Arc<RedisStore>) -> Self {
        Self(store)
    }
}

#[async_trait]
impl Store for CacheAside {
    fn layer(&self) -> Layer {
        self.0.layer()
    }

    async fn get(&self, slot: &Slot) -> Result<Found, Away> {
        self.0.get(slot).await
    }

    async fn acquire(&self, _slot: &Slot, _id: FillId, _rejected: Option<FillId>) -> Result<Acquired, Away> {
        Ok(Acquired::Lease)
    }

    async fn fill(&self, slot: &Slot, entry: Arc<Entry>, ttl_ms: i64) -> Result<bool, Away> {
        let Some(bytes) = entry.encode(slot) else { return Ok(false) };
        let (client, bytes) = (self.0.client(), Value::Bytes(bytes.into()));
        let set: Result<(), _> = match &slot.field {
            None => client.set(&slot.key, bytes, Some(Expiration::PX(ttl_ms)), None, false).await,
            Some(field) => client.hset(&slot.key, (field.as_str(), bytes)).await,
        };
        set.map(|()| true).map_err(|error| Away(error.to_string()))
    }

    async fn begin(&self, _slot: &Slot, _tx: TxId) -> Result<(), Away> {
        Ok(())
    }

    async fn end(&self, slot: &Slot, _tx: Option<TxId>, news: News) -> Result<(), Away> {
        self.0.end(slot, None, news).await
    }

    async fn ping(&self) -> Result<(), Away> {
        self.0.ping().await
    }

    async fn clear(&self, pattern: &str) -> Result<u64, Away> {
        self.0.clear(pattern).await
    }

    fn shelf(&self) -> Option<&Shelf> {
        self.0.shelf()
    }
}
