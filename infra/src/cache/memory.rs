//! The store of a single process: the operations of the Redis scripts under a mutex, bounded by bytes.
//!
//! Leases and barriers end by the machine's monotonic time, as those in Redis do. Only the age of values is in the product's time.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use domain::{Clock, Layer};
use parking_lot::Mutex;

use super::entry::{Entry, FillId};
use super::local_store::LocalStore;
use super::policy::timing;
use super::slot::{CacheSlot, matching};
use super::store::{Acquired, InvalidationPosition, Lookup, Store, StoreUnavailable};
use crate::db::TxId;

/// A store in the memory of one process.
pub(crate) struct MemoryStore {
    clock: Arc<dyn Clock>,
    values: LocalStore,
    /// Locked by every script. A plain read takes no lock.
    keys: Mutex<HashMap<String, Guards>>,
}

/// The leases and barriers beside a value, with their deadlines.
#[derive(Default)]
struct Guards {
    leases: BTreeMap<Option<String>, (FillId, Instant)>,
    barrier: BTreeMap<TxId, Instant>,
}

impl Guards {
    fn expire(&mut self, now: Instant) {
        self.leases.retain(|_, (_, deadline)| *deadline > now);
        self.barrier.retain(|_, deadline| *deadline > now);
    }

    fn is_empty(&self) -> bool {
        self.leases.is_empty() && self.barrier.is_empty()
    }
}

impl MemoryStore {
    /// A store of `capacity` bytes.
    pub(crate) fn new(clock: Arc<dyn Clock>, capacity: u64) -> Self {
        Self { clock, values: LocalStore::new(capacity), keys: Mutex::default() }
    }

    /// Runs a script on the guards of a physical key, without those that have expired.
    fn script<T>(&self, key: &str, run: impl FnOnce(&mut Guards) -> T) -> T {
        let mut keys = self.keys.lock();
        let mut guards = keys.remove(key).unwrap_or_default();
        guards.expire(Instant::now());
        let outcome = run(&mut guards);
        if !guards.is_empty() {
            keys.insert(key.to_owned(), guards);
        }
        outcome
    }
}

#[async_trait]
impl Store for MemoryStore {
    fn layer(&self) -> Layer {
        Layer::Local
    }

    async fn get(&self, slot: &CacheSlot) -> Result<Lookup, StoreUnavailable> {
        Ok(self.values.find(slot).map_or(Lookup::Nothing, Lookup::Value))
    }

    async fn acquire(&self, slot: &CacheSlot, id: FillId, rejected: Option<FillId>) -> Result<Acquired, StoreUnavailable> {
        let deadline = Instant::now() + timing::LEASE;
        Ok(self.script(&slot.key, |guards| {
            if !guards.barrier.is_empty() {
                return Acquired::Bypass;
            }
            if let Some(entry) = self.values.find(slot).filter(|entry| Some(entry.fill_id) != rejected) {
                return Acquired::Hit(entry);
            }
            if guards.leases.contains_key(&slot.field) {
                return Acquired::Busy;
            }
            guards.leases.insert(slot.field.clone(), (id, deadline));
            Acquired::Lease
        }))
    }

    async fn fill(&self, slot: &CacheSlot, entry: Arc<Entry>, _ttl_ms: i64) -> Result<bool, StoreUnavailable> {
        Ok(self.script(&slot.key, |guards| {
            let own = guards.leases.get(&slot.field).is_some_and(|(id, _)| *id == entry.fill_id);
            if !own || !guards.barrier.is_empty() {
                return false;
            }
            guards.leases.remove(&slot.field);
            self.values.insert(slot, entry, self.clock.now().timestamp_millis())
        }))
    }

    async fn begin(&self, key: &str, tx: TxId) -> Result<(), StoreUnavailable> {
        let deadline = Instant::now() + timing::BARRIER;
        self.script(key, |guards| {
            self.values.remove(key);
            guards.leases.clear();
            guards.barrier.insert(tx, deadline);
        });
        Ok(())
    }

    async fn end(&self, key: &str, tx: Option<TxId>, _position: InvalidationPosition) -> Result<(), StoreUnavailable> {
        self.script(key, |guards| {
            self.values.remove(key);
            guards.leases.clear();
            if let Some(tx) = tx {
                guards.barrier.remove(&tx);
            }
        });
        Ok(())
    }

    async fn ping(&self) -> Result<(), StoreUnavailable> {
        Ok(())
    }

    async fn clear(&self, pattern: &str) -> Result<u64, StoreUnavailable> {
        let _keys = self.keys.lock();
        Ok(self.values.clear(matching(pattern)))
    }

    fn local(&self) -> Option<&LocalStore> {
        Some(&self.values)
    }
}
