//! The port to the cache: the calls of a write before and after its commit.

use std::collections::BTreeSet;
use std::time::Duration;

use async_trait::async_trait;

use super::change_log::Position;

/// Identifies the write of a barrier.
pub(crate) type TxId = [u8; 16];

/// A cached key that a write drops.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct DroppedKey {
    /// The logical key.
    pub(crate) logical: String,
    /// Whether a read that starts after the acknowledgement must see the write. Then the key needs a barrier.
    pub(crate) strict: bool,
}

/// The keys that a write touches. Every write must name them.
#[derive(Debug, Default, Clone)]
pub(crate) struct Keys {
    dropped: BTreeSet<DroppedKey>,
    announced: BTreeSet<String>,
    enqueues: bool,
}

impl Keys {
    /// No cached key.
    pub(crate) fn none() -> Self {
        Self::default()
    }

    /// One key.
    pub(crate) fn of(key: impl Into<DroppedKey>) -> Self {
        Self::none().and(key)
    }

    /// These keys and another one.
    #[must_use]
    pub(crate) fn and(mut self, key: impl Into<DroppedKey>) -> Self {
        self.dropped.insert(key.into());
        self
    }

    /// These keys and those of another set.
    #[must_use]
    pub(crate) fn with(mut self, other: Self) -> Self {
        self.dropped.extend(other.dropped);
        self.announced.extend(other.announced);
        self.enqueues |= other.enqueues;
        self
    }

    /// These keys, of a write that enqueues jobs: workers of this process look for them after the commit.
    #[must_use]
    pub(crate) fn enqueuing(mut self) -> Self {
        self.enqueues = true;
        self
    }

    /// These keys, and a log row that every server must have read before the write is acknowledged.
    #[must_use]
    pub(crate) fn announcing(mut self, row: impl Into<String>) -> Self {
        self.announced.insert(row.into());
        self
    }

    /// The outcome of a write that touched these keys.
    pub(crate) fn touched_by<T>(self, value: T) -> Written<T> {
        Written { value, keys: self }
    }

    /// The cached keys.
    pub(crate) fn dropped(&self) -> impl Iterator<Item = &DroppedKey> {
        self.dropped.iter()
    }

    /// The cached keys that need a barrier.
    pub(crate) fn strict(&self) -> impl Iterator<Item = &str> {
        self.dropped.iter().filter(|key| key.strict).map(|key| key.logical.as_str())
    }

    /// Whether every server must have read the log before the write is acknowledged.
    pub(crate) fn are_announced(&self) -> bool {
        !self.announced.is_empty()
    }

    /// Whether the write enqueues jobs.
    pub(crate) fn enqueue_jobs(&self) -> bool {
        self.enqueues
    }

    /// The keys of the rows in the change log, each once.
    pub(crate) fn logged(&self) -> BTreeSet<&str> {
        self.dropped.iter().map(|key| key.logical.as_str()).chain(self.announced.iter().map(String::as_str)).collect()
    }
}

/// The outcome of a write, and the keys that it touched.
#[derive(Debug)]
pub(crate) struct Written<T> {
    pub(crate) value: T,
    pub(crate) keys: Keys,
}

/// The barriers of one write. They expire if the write does not end them.
#[derive(Debug, Default)]
pub(crate) struct Barriers {
    pub(crate) tx: TxId,
    /// The logical keys with a barrier.
    pub(crate) keys: BTreeSet<String>,
}

/// The invalidation of cached keys by a write.
#[async_trait]
pub(crate) trait Invalidation: Send + Sync {
    /// BEGIN: sets a barrier for every strict key. It must precede the commit.
    async fn begin(&self, keys: &Keys) -> Barriers;

    /// END and DROP for a write that was committed at `position`. When it returns the write may be acknowledged.
    async fn settle(&self, barriers: Barriers, keys: &Keys, position: Position);

    /// END for a write that was rolled back.
    async fn abandon(&self, barriers: Barriers);

    /// Whether a poll of the change log that began within `span`, or within D, was answered.
    fn has_read_log_within(&self, span: Duration) -> bool;
}
