//! What a write owes the cache: a barrier before its commit for strict keys, and after it the end of the barrier, the drop of every
//! key that it touched, and its own entry in what this worker knows of changes.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::Layer;
use domain::ops::Event;
use futures_util::future::join_all;

use super::Cache;
use super::policy::{EntryType, timing};
use super::slot::{matching, physical};
use super::store::{InvalidationPosition, Store, StoreUnavailable};
use crate::db::{Barriers, Invalidation, Keys, Position, TxId};

/// How often a drop is tried.
const TRIES: usize = 2;

/// How the log's row of a clearing begins; a pattern of logical keys follows.
const CLEARED: &str = "clear:";

/// The keys of a write that clears the copies of all keys that match a pattern.
pub(crate) fn clearing(pattern: &str) -> Keys {
    Keys::none().announcing(format!("{CLEARED}{pattern}"))
}

#[async_trait]
impl Invalidation for Cache {
    /// A barrier that the store does not confirm is missed only by reads that run during the write, before it is acknowledged.
    async fn begin(&self, keys: &Keys) -> Barriers {
        let barriers = Barriers { tx: rand::random(), keys: keys.strict().map(str::to_owned).collect() };
        join_all(barriers.keys.iter().map(async |key| self.store.begin(&physical(&self.prefix, key), barriers.tx).await)).await;
        barriers
    }

    async fn settle(&self, barriers: Barriers, keys: &Keys, position: Position) {
        let confirmed = self.end(barriers, keys, Some(position)).await;
        for key in keys.logged() {
            self.changes.record(key, position);
            self.drop_logged(key).await;
        }
        // Other workers may be served the old value by a store that we do not reach, or remember a token. Within D their tails know.
        if keys.are_announced() || (!confirmed && keys.strict().next().is_some()) {
            tokio::time::sleep(self.current_for).await;
        }
    }

    async fn abandon(&self, barriers: Barriers) {
        self.end(barriers, &Keys::none(), None).await;
    }

    fn has_read_log_within(&self, span: Duration) -> bool {
        self.changes.polled_within(span.max(self.current_for))
    }
}

impl Cache {
    /// Drops what a change in the log makes worthless here: the copies of a key, or of many.
    pub(super) async fn drop_logged(&self, logged: &str) {
        match logged.strip_prefix(CLEARED) {
            None => self.drop_copy(logged),
            Some(pattern) => {
                self.changes.advance_all_epochs();
                self.drop_copies(matching(pattern));
                if self.layer() == Layer::Local {
                    // The store in this process always answers.
                    let _ = self.store.clear(pattern).await;
                }
            }
        }
    }

    /// Ends the barriers and drops the keys. Answers whether the store has confirmed all of it.
    async fn end(&self, barriers: Barriers, keys: &Keys, position: InvalidationPosition) -> bool {
        let dropped: BTreeSet<&str> = keys.dropped().map(|key| key.logical.as_str()).collect();
        for entry in dropped.iter().filter_map(|key| EntryType::of(key)) {
            self.stats.count(entry, Event::Drop);
        }
        let behind: BTreeSet<&str> = barriers.keys.iter().map(String::as_str).collect();
        let ends = behind.union(&dropped).map(|key| End {
            key: physical(&self.prefix, key),
            tx: behind.contains(key).then_some(barriers.tx),
            position,
        });
        let open: Vec<End> = join_all(ends.map(|end| end.now(&*self.store))).await.into_iter().flatten().collect();
        let confirmed = open.is_empty();
        for end in open {
            tokio::spawn(end.later(Arc::clone(&self.store)));
        }
        confirmed
    }
}

/// An END, or a DROP, of one key.
struct End {
    /// The physical key.
    key: String,
    tx: Option<TxId>,
    position: InvalidationPosition,
}

impl End {
    /// Sends it. Answers it if it is not confirmed.
    async fn now(self, store: &dyn Store) -> Option<Self> {
        for _ in 0..TRIES {
            match self.send(store).await {
                Ok(()) => return None,
                Err(StoreUnavailable(reason)) => tracing::debug!(key = self.key, reason, "a drop was not confirmed"),
            }
        }
        Some(self)
    }

    /// Sends it once the store is back. Until then, or until it expires by itself, its barrier keeps the key from being cached.
    async fn later(self, store: Arc<dyn Store>) {
        let barrier = tokio::time::Instant::now() + timing::BARRIER;
        while tokio::time::Instant::now() < barrier && self.send(&*store).await.is_err() {
            tokio::time::sleep(timing::RETRY).await;
        }
    }

    async fn send(&self, store: &dyn Store) -> Result<(), StoreUnavailable> {
        store.end(&self.key, self.tx, self.position).await
    }
}
