//! Values in this process: keys with their pages, bounded by bytes. A key is dropped with all its pages.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::entry::Entry;
use super::policy::MAX_PAGES;
use super::slot::{CacheSlot, logical};

/// The weight of an entry beyond its bytes.
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

/// Values by physical key and page. Its user serialises the writers of one key; reading takes no lock.
pub(crate) struct LocalStore(Cache<String, Arc<Fields>, ByteWeight>);

impl LocalStore {
    /// A store for so many bytes.
    pub(crate) fn new(capacity: u64) -> Self {
        Self(Cache::with_weighter(10_000, capacity, ByteWeight))
    }

    pub(crate) fn find(&self, slot: &CacheSlot) -> Option<Arc<Entry>> {
        self.0.get(&slot.key)?.get(&slot.field).cloned()
    }

    /// Inserts a value, unless its key has as many pages as it may have.
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

    pub(crate) fn remove(&self, key: &str) {
        self.0.remove(key);
    }

    /// Removes the logical keys that `matches` names. Answers how many there were.
    pub(crate) fn clear(&self, matches: impl Fn(&str) -> bool) -> u64 {
        let removed = AtomicU64::new(0);
        self.0.retain(|key, _| {
            let remove = matches(logical(key));
            removed.fetch_add(u64::from(remove), Ordering::Relaxed);
            !remove
        });
        removed.into_inner()
    }

    /// Everything under a physical key.
    pub(crate) fn pages(&self, key: &str) -> Vec<(Option<String>, Arc<Entry>)> {
        let fields = self.0.peek(key);
        fields.iter().flat_map(|fields| fields.iter()).map(|(field, entry)| (field.clone(), Arc::clone(entry))).collect()
    }

    /// How many keys there are, and their size in bytes.
    pub(crate) fn size(&self) -> (u64, u64) {
        (self.0.len() as u64, self.0.weight())
    }
}
