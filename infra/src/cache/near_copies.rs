//! Copies of near values in this process, in front of Redis: a hit needs no round trip and no parsing.
//!
//! A copy is inserted only if no change of its key became known after the read from Redis began (the epoch guard). Each hit is
//! validated by the rule in `changes`, like any other cached value.

use std::sync::Arc;

use super::changes::Changes;
use super::entry::Entry;
use super::local_store::LocalStore;
use super::safeguards;
use super::slot::CacheSlot;
use super::sync::Mutex;

/// Copies of near values.
pub(crate) struct NearCopies {
    pub(super) store: LocalStore,
    /// Locked to insert and to drop, so that a copy cannot be inserted after its drop.
    pub(super) writers: Mutex<()>,
}

impl NearCopies {
    /// Copies of at most `capacity` bytes.
    pub(crate) fn new(capacity: u64) -> Self {
        Self { store: LocalStore::new(capacity), writers: Mutex::new(()) }
    }

    /// The copy of a slot.
    pub(crate) fn find(&self, slot: &CacheSlot) -> Option<Arc<Entry>> {
        self.store.find(slot)
    }

    /// Inserts a copy unless the key's epoch has advanced since `epoch` was read.
    pub(crate) fn insert(&self, changes: &Changes, slot: &CacheSlot, entry: Arc<Entry>, epoch: u64, now_ms: i64) {
        let _writers = self.writers.lock();
        if changes.epoch(slot.logical()) == epoch || safeguards::omits_epoch_guard() {
            self.store.insert(slot, entry, now_ms);
        }
    }

    /// Drops the copies of a physical key.
    pub(crate) fn drop_key(&self, physical: &str) {
        let _writers = self.writers.lock();
        self.store.remove(physical);
    }

    /// Drops the copies of the logical keys for which `matches` is true.
    pub(crate) fn clear(&self, matches: impl Fn(&str) -> bool) {
        let _writers = self.writers.lock();
        self.store.clear(matches);
    }

    /// The copies.
    pub(crate) fn store(&self) -> &LocalStore {
        &self.store
    }
}
