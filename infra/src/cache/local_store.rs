//! Values in this process: keys with their pages, bounded by bytes. A key is dropped with all its pages.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::entry::Entry;
use super::policy::MAX_PAGES;
use super::slot::{CacheSlot, logical};

/// The estimated overhead of an entry, in bytes.
const OVERHEAD: usize = 200;

type Fields = BTreeMap<Option<String>, Arc<Entry>>;

#[derive(Clone)]
struct ByteWeight;

impl Weighter<String, Arc<Fields>> for ByteWeight {
    fn weight(&self, key: &String, fields: &Arc<Fields>) -> u64 {
        let weigh = |entry: &Arc<Entry>| OVERHEAD + entry.etag.as_str().len() + entry.json.as_ref().map_or(0, bytes::Bytes::len);
        (key.len() + fields.values().map(weigh).sum::<usize>()) as u64
    }
}

/// Values by physical key and page. The caller must serialise the writers of one key. Reads take no lock.
pub(crate) struct LocalStore(Cache<String, Arc<Fields>, ByteWeight>);

impl LocalStore {
    /// A store of `capacity` bytes.
    pub(crate) fn new(capacity: u64) -> Self {
        Self(Cache::with_weighter(10_000, capacity, ByteWeight))
    }

    /// The value of a slot.
    pub(crate) fn find(&self, slot: &CacheSlot) -> Option<Arc<Entry>> {
        self.0.get(&slot.key)?.get(&slot.field).cloned()
    }

    /// Inserts a value and drops expired pages of its key. Returns `false` if the key has the maximum number of pages.
    pub(crate) fn insert(&self, slot: &CacheSlot, entry: Arc<Entry>, now_ms: i64) -> bool {
        let mut fields = self.0.get(&slot.key).map(|fields| (*fields).clone()).unwrap_or_default();
        fields.retain(|_, kept| kept.kept_until > now_ms);
        if fields.len() >= MAX_PAGES && !fields.contains_key(&slot.field) {
            return false;
        }
        fields.insert(slot.field.clone(), entry);
        self.0.insert(slot.key.clone(), Arc::new(fields));
        true
    }

    /// Removes a physical key with all its pages.
    pub(crate) fn remove(&self, key: &str) {
        self.0.remove(key);
    }

    /// Removes the logical keys for which `matches` is true. Returns their number.
    pub(crate) fn clear(&self, matches: impl Fn(&str) -> bool) -> u64 {
        let removed = AtomicU64::new(0);
        self.0.retain(|key, _| {
            let remove = matches(logical(key));
            removed.fetch_add(u64::from(remove), Ordering::Relaxed);
            !remove
        });
        removed.into_inner()
    }

    /// The pages of a physical key.
    pub(crate) fn pages(&self, key: &str) -> Vec<(Option<String>, Arc<Entry>)> {
        let fields = self.0.peek(key);
        fields.iter().flat_map(|fields| fields.iter()).map(|(field, entry)| (field.clone(), Arc::clone(entry))).collect()
    }

    /// The number of keys, and their size in bytes.
    pub(crate) fn size(&self) -> (u64, u64) {
        (self.0.len() as u64, self.0.weight())
    }
}
