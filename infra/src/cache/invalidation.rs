//! The invalidation of a write. Before the commit it sets a barrier for each strict key. After the commit it ends the
//! barriers, drops every key that the write touched, and records the change in this worker.
//!
//! A write that announces keys, or whose drop of a strict key is unconfirmed, is acknowledged when no other worker serves a value from
//! before it. The table of workers is read after the commit, and the write waits for the greatest D in it:
//! - A worker whose row is there serves a value only if its last poll began less than its D ago. After its D, that poll has read the write.
//! - A worker whose row appears later polls the log for the first time after its row was committed, so it has read the write.
//! - A worker whose row was deleted serves no cached value from 5 s after the beginning of its last beat, and none is deleted before 6 s.
//!   With its next row it polls before it serves.
//! - While the table cannot be read, the write waits for the greatest D that the settings allow.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use domain::Layer;
use domain::ops::Event;
use futures_util::future::join_all;

use super::Cache;
use super::policy::{EntryType, timing};
use super::slot::{logical, matching, physical};
use super::store::{InvalidationPosition, Store, StoreUnavailable};
use crate::db::{Barriers, Invalidation, Keys, LONGEST_D, Position, TxId};

/// The number of attempts to drop a key before the caller continues.
const TRIES: usize = 2;

/// The prefix of a log row that clears many keys. A pattern of logical keys follows.
const CLEARED: &str = "clear:";

/// The keys of a write that makes every worker drop its copies of all keys that match a pattern.
pub(crate) fn clearing(pattern: &str) -> Keys {
    Keys::none().announcing(format!("{CLEARED}{pattern}"))
}

#[async_trait]
impl Invalidation for Cache {
    /// The write continues without a barrier that the store does not confirm. Only reads before its acknowledgement can miss it.
    async fn begin(&self, keys: &Keys) -> Barriers {
        let barriers = Barriers { tx: rand::random(), keys: keys.strict().map(str::to_owned).collect() };
        join_all(barriers.keys.iter().map(async |key| self.store.begin(&physical(&self.prefix, key), barriers.tx).await)).await;
        barriers
    }

    async fn settle(&self, barriers: Barriers, keys: &Keys, position: Position) {
        let committed = Instant::now();
        let confirmed = self.end(barriers, keys, Some(position)).await && self.reaches_others;
        for key in keys.logged() {
            self.changes.record(key, position);
            self.drop_logged(key).await;
        }
        // Other workers may read the old value from a store that this one cannot reach, or may have cached a token.
        if keys.are_announced() || (!confirmed && keys.strict().next().is_some()) {
            self.wait_for_other_workers(committed).await;
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
    /// Waits until every other worker has read the change log since `committed`, or serves no cached value.
    async fn wait_for_other_workers(&self, committed: Instant) {
        let greatest_d = loop {
            match self.membership.greatest_d().await {
                Ok(greatest_d) => break greatest_d,
                Err(_) if committed.elapsed() >= LONGEST_D => break LONGEST_D,
                Err(error) => tracing::debug!(%error, "the table of workers cannot be read; a write waits"),
            }
            tokio::time::sleep(timing::RETRY).await;
        };
        tokio::time::sleep(greatest_d.saturating_sub(committed.elapsed())).await;
    }

    /// Drops the copies that a row of the log invalidates: those of a key, or of all keys that match a pattern.
    pub(super) async fn drop_logged(&self, logged: &str) {
        match logged.strip_prefix(CLEARED) {
            None => self.drop_copy(logged),
            Some(pattern) => {
                self.changes.advance_all_epochs();
                self.drop_copies(matching(pattern));
                if self.layer() == Layer::Local {
                    // A store in this process does not fail.
                    let _ = self.store.clear(pattern).await;
                }
            }
        }
    }

    /// Ends the barriers and drops the keys. Returns whether the store confirmed all of them.
    async fn end(&self, barriers: Barriers, keys: &Keys, position: InvalidationPosition) -> bool {
        let dropped: BTreeSet<&str> = keys.dropped().map(|key| key.logical.as_str()).collect();
        for entry in dropped.iter().filter_map(|key| EntryType::of(key)) {
            self.stats.count(entry, Event::Drop);
        }
        let barred: BTreeSet<&str> = barriers.keys.iter().map(String::as_str).collect();
        let ends = barred.union(&dropped).map(|key| End {
            key: physical(&self.prefix, key),
            tx: barred.contains(key).then_some(barriers.tx),
            position,
        });
        let unconfirmed: Vec<End> = join_all(ends.map(|end| end.send_now(&*self.store))).await.into_iter().flatten().collect();
        let confirmed = unconfirmed.is_empty();
        for end in unconfirmed {
            tokio::spawn(end.send_until_expired(Arc::clone(&self.store)));
        }
        confirmed
    }
}

/// An END or a DROP of one key.
struct End {
    /// The physical key.
    key: String,
    tx: Option<TxId>,
    position: InvalidationPosition,
}

impl End {
    /// Sends it with a bounded number of attempts. Returns it if the store did not confirm it.
    async fn send_now(self, store: &dyn Store) -> Option<Self> {
        for _ in 0..TRIES {
            match self.send(store).await {
                Ok(()) => return None,
                Err(StoreUnavailable(reason)) => {
                    // A key may contain the address of a user.
                    let entry = EntryType::of(logical(&self.key)).map(|entry| entry.policy().setting);
                    tracing::debug!(entry, reason, "the store did not confirm the drop of a key");
                }
            }
        }
        Some(self)
    }

    /// Sends it until the store confirms it or the barrier expires. Until then the barrier keeps the key from being filled.
    async fn send_until_expired(self, store: Arc<dyn Store>) {
        let expiry = tokio::time::Instant::now() + timing::BARRIER;
        while tokio::time::Instant::now() < expiry && self.send(&*store).await.is_err() {
            tokio::time::sleep(timing::RETRY).await;
        }
    }

    async fn send(&self, store: &dyn Store) -> Result<(), StoreUnavailable> {
        store.end(&self.key, self.tx, self.position).await
    }
}
