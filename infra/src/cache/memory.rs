//! The store of a single process: the same scripts under a mutex, bounded by bytes.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::{Clock, Layer};
use parking_lot::Mutex;

use super::entry::{Entry, FillId};
use super::key::{Slot, matching};
use super::policy::timing;
use super::shelf::Shelf;
use super::store::{Acquired, Away, Found, News, Store, TxId};

/// Values of one process.
pub(crate) struct MemoryStore {
    clock: Arc<dyn Clock>,
    shelf: Shelf,
    /// Taken by every script; a plain read does without.
    keys: Mutex<HashMap<String, Guards>>,
}

/// What stands beside a value: who may fill it, and which writes are under way. Deadlines are in milliseconds.
#[derive(Default)]
struct Guards {
    leases: BTreeMap<Option<String>, (FillId, i64)>,
    barrier: BTreeMap<TxId, i64>,
}

impl Guards {
    fn expire(&mut self, now: i64) {
        self.leases.retain(|_, (_, deadline)| *deadline > now);
        self.barrier.retain(|_, deadline| *deadline > now);
    }

    fn are_gone(&self) -> bool {
        self.leases.is_empty() && self.barrier.is_empty()
    }
}

impl MemoryStore {
    /// A store that holds so many bytes.
    pub(crate) fn new(clock: Arc<dyn Clock>, capacity: u64) -> Self {
        Self { clock, shelf: Shelf::new(capacity), keys: Mutex::default() }
    }

    fn now(&self) -> i64 {
        self.clock.now().timestamp_millis()
    }

    fn in_time(&self, span: Duration) -> i64 {
        self.now().saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX))
    }

    /// Runs a script on a key's guards, without those that are over.
    fn script<T>(&self, slot: &Slot, run: impl FnOnce(&mut Guards) -> T) -> T {
        let mut keys = self.keys.lock();
        let mut guards = keys.remove(&slot.key).unwrap_or_default();
        guards.expire(self.now());
        let outcome = run(&mut guards);
        if !guards.are_gone() {
            keys.insert(slot.key.clone(), guards);
        }
        outcome
    }
}

#[async_trait]
impl Store for MemoryStore {
    fn layer(&self) -> Layer {
        Layer::Memory
    }

    async fn get(&self, slot: &Slot) -> Result<Found, Away> {
        Ok(self.shelf.find(slot).map_or(Found::Nothing, Found::Value))
    }

    async fn acquire(&self, slot: &Slot, id: FillId, rejected: Option<FillId>) -> Result<Acquired, Away> {
        let deadline = self.in_time(timing::LEASE);
        Ok(self.script(slot, |guards| {
            if !guards.barrier.is_empty() {
                return Acquired::Bypass;
            }
            if let Some(entry) = self.shelf.find(slot).filter(|entry| Some(entry.fill_id) != rejected) {
                return Acquired::Hit(entry);
            }
            if guards.leases.contains_key(&slot.field) {
                return Acquired::Busy;
            }
            guards.leases.insert(slot.field.clone(), (id, deadline));
            Acquired::Lease
        }))
    }

    async fn fill(&self, slot: &Slot, entry: Arc<Entry>, _ttl_ms: i64) -> Result<bool, Away> {
        Ok(self.script(slot, |guards| {
            let own = guards.leases.get(&slot.field).is_some_and(|(id, _)| *id == entry.fill_id);
            if !own || !guards.barrier.is_empty() {
                return false;
            }
            guards.leases.remove(&slot.field);
            self.shelf.put(slot, entry, self.now())
        }))
    }

    async fn begin(&self, slot: &Slot, tx: TxId) -> Result<(), Away> {
        let deadline = self.in_time(timing::BARRIER);
        self.script(slot, |guards| {
            self.shelf.remove(&slot.key);
            guards.leases.clear();
            guards.barrier.insert(tx, deadline);
        });
        Ok(())
    }

    async fn end(&self, slot: &Slot, tx: Option<TxId>, _news: News) -> Result<(), Away> {
        self.script(slot, |guards| {
            self.shelf.remove(&slot.key);
            guards.leases.clear();
            if let Some(tx) = tx {
                guards.barrier.remove(&tx);
            }
        });
        Ok(())
    }

    async fn ping(&self) -> Result<(), Away> {
        Ok(())
    }

    async fn clear(&self, pattern: &str) -> Result<u64, Away> {
        let _keys = self.keys.lock();
        Ok(self.shelf.clear(matching(pattern)))
    }

    fn shelf(&self) -> Option<&Shelf> {
        Some(&self.shelf)
    }
}
