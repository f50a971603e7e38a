//! The store of a single process: the same scripts under a mutex, bounded by bytes.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use async_trait::async_trait;
use domain::{Clock, Layer};
use parking_lot::Mutex;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::entry::{Entry, FillId};
use super::key::Slot;
use super::policy::{MAX_PAGES, timing};
use super::store::{Acquired, Away, Found, Store};

/// How much it holds, in bytes.
const CAPACITY: u64 = 64 * 1024 * 1024;
/// What an entry weighs beyond its bytes.
const OVERHEAD: usize = 200;

type Fields = BTreeMap<Option<String>, Entry>;

#[derive(Clone)]
struct ByteWeight;

impl Weighter<String, Arc<Fields>> for ByteWeight {
    fn weight(&self, key: &String, fields: &Arc<Fields>) -> u64 {
        let entries = fields.values().map(|entry| OVERHEAD + entry.etag.len() + entry.json.as_ref().map_or(0, bytes::Bytes::len));
        (key.len() + entries.sum::<usize>()) as u64
    }
}

#[derive(Clone, Copy)]
struct Lease {
    id: FillId,
    deadline: i64,
}

/// Values of one process.
pub(crate) struct MemoryStore {
    clock: Arc<dyn Clock>,
    values: Cache<String, Arc<Fields>, ByteWeight>,
    /// Taken by every script; a plain read does without.
    leases: Mutex<HashMap<String, BTreeMap<Option<String>, Lease>>>,
}

impl MemoryStore {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, values: Cache::with_weighter(10_000, CAPACITY, ByteWeight), leases: Mutex::default() }
    }

    fn find(&self, slot: &Slot) -> Option<Entry> {
        self.values.get(&slot.key)?.get(&slot.field).cloned()
    }

    fn now(&self) -> i64 {
        self.clock.now().timestamp_millis()
    }
}

#[async_trait]
impl Store for MemoryStore {
    fn layer(&self) -> Layer {
        Layer::Memory
    }

    async fn get(&self, slot: &Slot) -> Result<Found, Away> {
        Ok(self.find(slot).map_or(Found::Nothing, Found::Value))
    }

    async fn acquire(&self, slot: &Slot, id: FillId, rejected: Option<FillId>) -> Result<Acquired, Away> {
        let mut leases = self.leases.lock();
        if let Some(entry) = self.find(slot).filter(|entry| Some(entry.fill_id) != rejected) {
            return Ok(Acquired::Hit(entry));
        }
        let now = self.now();
        let of_key = leases.entry(slot.key.clone()).or_default();
        of_key.retain(|_, lease| lease.deadline > now);
        if of_key.contains_key(&slot.field) {
            return Ok(Acquired::Busy);
        }
        let lease = i64::try_from(timing::LEASE.as_millis()).unwrap_or(i64::MAX);
        of_key.insert(slot.field.clone(), Lease { id, deadline: now.saturating_add(lease) });
        Ok(Acquired::Lease)
    }

    async fn fill(&self, slot: &Slot, entry: &Entry, _ttl_ms: i64) -> Result<bool, Away> {
        let mut leases = self.leases.lock();
        let Some(of_key) = leases.get_mut(&slot.key) else { return Ok(false) };
        let now = self.now();
        if !of_key.get(&slot.field).is_some_and(|lease| lease.id == entry.fill_id && lease.deadline > now) {
            return Ok(false);
        }
        of_key.remove(&slot.field);
        if of_key.is_empty() {
            leases.remove(&slot.key);
        }
        let mut fields = self.values.get(&slot.key).map(|fields| (*fields).clone()).unwrap_or_default();
        fields.retain(|_, kept| kept.valid_until > now);
        if fields.len() >= MAX_PAGES && !fields.contains_key(&slot.field) {
            return Ok(false);
        }
        fields.insert(slot.field.clone(), entry.clone());
        self.values.insert(slot.key.clone(), Arc::new(fields));
        Ok(true)
    }

    async fn drop_key(&self, slot: &Slot) -> Result<(), Away> {
        let mut leases = self.leases.lock();
        leases.remove(&slot.key);
        self.values.remove(&slot.key);
        Ok(())
    }

    async fn ping(&self) -> Result<(), Away> {
        Ok(())
    }
}
