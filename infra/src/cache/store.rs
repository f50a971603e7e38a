//! What the protocol needs from a place that keeps values: one plain read and the scripts, each atomic for its key.

use std::sync::Arc;

use async_trait::async_trait;
use domain::Layer;

use super::changes::Position;
use super::entry::{Entry, FillId};
use super::key::Slot;
use super::shelf::Shelf;

/// The store does not answer, or answers with an error. It is never the reason that a request fails.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the cache is unavailable: {0}")]
pub(crate) struct Away(pub(crate) String);

/// Identifies a write behind its barrier.
pub(crate) type TxId = [u8; 16];

/// Where in the log a write stands, for other workers' in-process copies; `None` if it never was.
pub(crate) type News = Option<Position>;

/// What a slot holds.
#[derive(Debug, Clone)]
pub(crate) enum Found {
    /// Nothing.
    Nothing,
    /// A value; whether it may be served is not the store's to say.
    Value(Arc<Entry>),
    /// Something that is no value of ours, by its fill id if it has one.
    Garbage(Option<FillId>),
}

/// What ACQUIRE answers.
#[derive(Debug, Clone)]
pub(crate) enum Acquired {
    /// Somebody filled the slot in the meantime.
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
    /// The layer that it is.
    fn layer(&self) -> Layer;

    /// Reads a slot.
    async fn get(&self, slot: &Slot) -> Result<Found, Away>;

    /// ACQUIRE: asks for the right to fill a slot with the fill `id`; a value whose fill id is `rejected` counts as none.
    /// It is sent once and never again: after an unknown outcome the caller loads without filling.
    async fn acquire(&self, slot: &Slot, id: FillId, rejected: Option<FillId>) -> Result<Acquired, Away>;

    /// FILL: fills a slot, if the lease is still this fill's own and no write is under way.
    async fn fill(&self, slot: &Slot, entry: Arc<Entry>, ttl_ms: i64) -> Result<bool, Away>;

    /// BEGIN: drops a key and keeps it unfilled until the write ends, or until its barrier expires by itself.
    async fn begin(&self, slot: &Slot, tx: TxId) -> Result<(), Away>;

    /// END, or DROP without a `tx`: drops a key with all its pages and leases, whatever they are, lifts the write's barrier
    /// and tells the other workers. May arrive twice, or late.
    async fn end(&self, slot: &Slot, tx: Option<TxId>, news: News) -> Result<(), Away>;

    /// Whether the store answers at this moment.
    async fn ping(&self) -> Result<(), Away>;

    /// Removes the values of all keys that match a pattern; answers how many there were.
    async fn clear(&self, pattern: &str) -> Result<u64, Away>;

    /// The values themselves, if they are in this process.
    fn shelf(&self) -> Option<&Shelf>;
}
