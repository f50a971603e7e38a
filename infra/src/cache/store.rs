//! What the protocol needs from a place that keeps values: one plain read and three scripts, each atomic for its key.

use async_trait::async_trait;
use domain::Layer;

use super::entry::{Entry, FillId};
use super::key::Slot;

/// The store does not answer, or answers with an error. It is never the reason that a request fails.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the cache is unavailable: {0}")]
pub(crate) struct Away(pub(crate) String);

/// What a slot holds.
#[derive(Debug, Clone)]
pub(crate) enum Found {
    /// Nothing.
    Nothing,
    /// A value; whether it may be served is not the store's to say.
    Value(Entry),
    /// Something that is no value of ours, by its fill id if it has one.
    Garbage(Option<FillId>),
}

/// What ACQUIRE answers.
#[derive(Debug, Clone)]
pub(crate) enum Acquired {
    /// Somebody filled the slot in the meantime.
    Hit(Entry),
    /// The caller may load and fill.
    Lease,
    /// Another caller is loading.
    Busy,
}

/// A place that keeps values.
#[async_trait]
pub(crate) trait Store: Send + Sync {
    /// The layer that it is.
    fn layer(&self) -> Layer;

    /// Reads a slot.
    async fn get(&self, slot: &Slot) -> Result<Found, Away>;

    /// Asks for the right to fill a slot with the fill `id`; a value whose fill id is `rejected` counts as none.
    /// It is sent once and never again: after an unknown outcome the caller loads without filling.
    async fn acquire(&self, slot: &Slot, id: FillId, rejected: Option<FillId>) -> Result<Acquired, Away>;

    /// Fills a slot, if the lease is still this fill's own.
    async fn fill(&self, slot: &Slot, entry: &Entry, ttl_ms: i64) -> Result<bool, Away>;

    /// Drops a key with all its fields and leases, whatever they are. May arrive twice, or late.
    async fn drop_key(&self, slot: &Slot) -> Result<(), Away>;

    /// Whether the store answers at this moment.
    async fn ping(&self) -> Result<(), Away>;
}
