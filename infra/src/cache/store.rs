//! What the protocol needs from a store: one plain read and the scripts, each atomic for its key.

use std::sync::Arc;

use async_trait::async_trait;
use domain::Layer;

use super::entry::{Entry, FillId};
use super::local_store::LocalStore;
use super::slot::CacheSlot;
use crate::db::{Position, TxId};

/// The store does not answer, or answers with an error. It is never the reason that a request fails.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the cache is unavailable: {0}")]
pub(crate) struct StoreUnavailable(pub(crate) String);

/// The position of a write in the change log, for the copies of other workers; `None` if the write was rolled back.
pub(crate) type InvalidationPosition = Option<Position>;

/// What a slot holds.
#[derive(Debug, Clone)]
pub(crate) enum Lookup {
    /// Nothing.
    Nothing,
    /// A value. Whether it may be served is not for the store to decide.
    Value(Arc<Entry>),
    /// Bytes that are no value of this slot, by their fill id if they have one.
    Unreadable(Option<FillId>),
}

/// The answer of ACQUIRE.
#[derive(Debug, Clone)]
pub(crate) enum Acquired {
    /// The slot was filled in the meantime.
    Hit(Arc<Entry>),
    /// The caller may load and fill.
    Lease,
    /// Another caller is loading.
    Busy,
    /// A write is under way: load, and do not fill.
    Bypass,
}

/// A place that keeps values.
#[async_trait]
pub(crate) trait Store: Send + Sync {
    /// Its layer.
    fn layer(&self) -> Layer;

    /// Reads a slot.
    async fn get(&self, slot: &CacheSlot) -> Result<Lookup, StoreUnavailable>;

    /// ACQUIRE: asks for the right to fill a slot with the fill `id`; a value whose fill id is `rejected` counts as none.
    /// It is sent once and never again: after an unknown outcome the caller loads without filling.
    async fn acquire(&self, slot: &CacheSlot, id: FillId, rejected: Option<FillId>) -> Result<Acquired, StoreUnavailable>;

    /// FILL: fills a slot if the lease still belongs to this fill and no write is under way. Answers whether it was filled.
    async fn fill(&self, slot: &CacheSlot, entry: Arc<Entry>, ttl_ms: i64) -> Result<bool, StoreUnavailable>;

    /// BEGIN: drops a physical key and keeps it unfilled until the write ends, or until its barrier expires by itself.
    async fn begin(&self, key: &str, tx: TxId) -> Result<(), StoreUnavailable>;

    /// END, or DROP without a `tx`: drops a physical key with all its pages and leases, whatever they are, lifts the write's
    /// barrier and publishes the position to the other workers. May arrive twice, or late.
    async fn end(&self, key: &str, tx: Option<TxId>, position: InvalidationPosition) -> Result<(), StoreUnavailable>;

    /// Whether the store answers at this moment.
    async fn ping(&self) -> Result<(), StoreUnavailable>;

    /// Removes the values of all logical keys that match a pattern. Answers how many keys there were.
    async fn clear(&self, pattern: &str) -> Result<u64, StoreUnavailable>;

    /// The values themselves, if they are in this process.
    fn local(&self) -> Option<&LocalStore>;
}
