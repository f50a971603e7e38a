//! The interface of a store: a plain read, and the operations of the protocol, each atomic for its key.

use std::sync::Arc;

use async_trait::async_trait;
use domain::Layer;

use super::entry::{Entry, FillId};
use super::local_store::LocalStore;
use super::slot::CacheSlot;
use crate::db::{Position, TxId};

/// The store does not answer, or answers with an error. Requests do not fail because of it: reads go to the database.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the cache is unavailable: {0}")]
pub(crate) struct StoreUnavailable(pub(crate) String);

/// The position of a write in the change log, for the copies of other workers; `None` if the write was rolled back.
pub(crate) type InvalidationPosition = Option<Position>;

/// The content of a slot.
#[derive(Debug, Clone)]
pub(crate) enum Lookup {
    /// Nothing.
    Nothing,
    /// A value. The caller must validate it before it serves it.
    Value(Arc<Entry>),
    /// Bytes that are no value of this slot, with their fill id if they have one.
    Unreadable(Option<FillId>),
}

/// The outcome of ACQUIRE.
#[derive(Debug, Clone)]
pub(crate) enum Acquired {
    /// The slot was filled in the meantime.
    Hit(Arc<Entry>),
    /// The caller may load and fill.
    Lease,
    /// Another caller is loading.
    Busy,
    /// A write is in progress: the caller must load without filling.
    Bypass,
}

/// A store of cached values.
#[async_trait]
pub(crate) trait Store: Send + Sync {
    /// Its layer.
    fn layer(&self) -> Layer;

    /// Reads a slot.
    async fn get(&self, slot: &CacheSlot) -> Result<Lookup, StoreUnavailable>;

    /// ACQUIRE: requests a lease to fill a slot with the fill `id`. A value whose fill id is `rejected` counts as missing.
    /// It is never repeated: after an unknown outcome the caller loads without filling.
    async fn acquire(&self, slot: &CacheSlot, id: FillId, rejected: Option<FillId>) -> Result<Acquired, StoreUnavailable>;

    /// FILL: fills a slot if the lease still belongs to this fill and no write is in progress. Returns whether it was filled.
    async fn fill(&self, slot: &CacheSlot, entry: Arc<Entry>, ttl_ms: i64) -> Result<bool, StoreUnavailable>;

    /// BEGIN: drops a physical key, and sets a barrier that prevents fills until the write ends or the barrier expires.
    async fn begin(&self, key: &str, tx: TxId) -> Result<(), StoreUnavailable>;

    /// END, or DROP without a `tx`: drops a physical key with all its pages and leases, removes the barrier of the write, and
    /// publishes the position to the other workers. It may arrive twice, or late.
    async fn end(&self, key: &str, tx: Option<TxId>, position: InvalidationPosition) -> Result<(), StoreUnavailable>;

    /// Checks that the store answers.
    async fn ping(&self) -> Result<(), StoreUnavailable>;

    /// Removes the values of all logical keys that match a pattern. Returns the number of keys.
    async fn clear(&self, pattern: &str) -> Result<u64, StoreUnavailable>;

    /// The values, if they are in this process.
    fn local(&self) -> Option<&LocalStore>;
}
