//! Copies of near values in this process, in front of Redis: a hit costs neither a round trip nor a parse.
//!
//! A copy is put in only if no change of its key became known since before it was read from Redis (the epoch guard), and each
//! hit is judged by the one rule like any other cached value.

use std::sync::Arc;

use parking_lot::Mutex;

use super::changes::Changes;
use super::entry::Entry;
use super::key::Slot;
use super::omissions;
use super::shelf::Shelf;

/// How much all copies may take, in bytes.
const CAPACITY: u64 = 64 * 1024 * 1024;

/// Copies of near values.
pub(crate) struct Near {
    shelf: Shelf,
    /// Taken to put in and to drop, so that a copy cannot slip in behind its drop.
    door: Mutex<()>,
}

impl Near {
    pub(crate) fn new() -> Self {
        Self { shelf: Shelf::new(CAPACITY), door: Mutex::new(()) }
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

    pub(crate) fn clear(&self) {
        let _door = self.door.lock();
        self.shelf.clear();
    }
}
