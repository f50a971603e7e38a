//! Copies of near values in this process, in front of Redis: a hit costs neither a round trip nor a parse.
//!
//! A copy is put in only if no change of its key became known since before it was read from Redis (the epoch guard), and each
//! hit is judged by the one rule like any other cached value.

use std::sync::Arc;

use super::changes::Changes;
use super::entry::Entry;
use super::key::Slot;
use super::omissions;
use super::shelf::Shelf;
use super::sync::Mutex;

/// Copies of near values.
pub(crate) struct Near {
    pub(super) shelf: Shelf,
    /// Taken to put in and to drop, so that a copy cannot slip in behind its drop.
    pub(super) door: Mutex<()>,
}

impl Near {
    /// Copies that may take so many bytes.
    pub(crate) fn new(capacity: u64) -> Self {
        Self { shelf: Shelf::new(capacity), door: Mutex::new(()) }
    }

    pub(crate) fn find(&self, slot: &Slot) -> Option<Arc<Entry>> {
        self.shelf.find(slot)
    }

    /// Keeps a copy, if the key's epoch still is the one read before the value was.
    pub(crate) fn keep(&self, changes: &Changes, slot: &Slot, entry: Arc<Entry>, epoch: u64, now_ms: i64) {
        let _door = self.door.lock();
        if changes.epoch(slot.logical()) == epoch || omissions::guard() {
            self.shelf.put(slot, entry, now_ms);
        }
    }

    pub(crate) fn drop_key(&self, physical: &str) {
        let _door = self.door.lock();
        self.shelf.remove(physical);
    }

    /// Drops the copies of the logical keys that are meant.
    pub(crate) fn clear(&self, which: impl Fn(&str) -> bool) {
        let _door = self.door.lock();
        self.shelf.clear(which);
    }

    /// The copies.
    pub(crate) fn shelf(&self) -> &Shelf {
        &self.shelf
    }
}
