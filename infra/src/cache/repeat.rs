//! Hits in this process that callers may repeat: the rule of the cache is applied each time, without a read.

use std::sync::Arc;

use domain::ops::Event;
use domain::{CachedResponse, Freshness, Layer, Repeat, ServiceError};

use super::Cache;
use super::changes::Verdict;
use super::entry::Entry;
use super::slot::CacheSlot;

/// A value that a read found in this process.
pub(super) struct RepeatedHit<F> {
    pub(super) cache: Arc<Cache>,
    pub(super) slot: CacheSlot,
    pub(super) entry: Arc<Entry>,
    /// Loads the value, for an early refresh.
    pub(super) load: F,
}

impl<T, E, F, L> Repeat for RepeatedHit<F>
where
    T: 'static,
    E: From<ServiceError> + Send + 'static,
    F: Fn() -> L + Clone + Send + Sync + 'static,
    L: Future<Output = Result<Option<CachedResponse<T>>, E>> + Send,
{
    fn repeat(&self) -> Option<Freshness> {
        let (cache, slot, entry) = (&self.cache, &self.slot, &self.entry);
        // Found by its key like any other hit, so that it counts as used when the process must evict values.
        let found = cache.local()?.find(slot)?;
        if !Arc::ptr_eq(&found, entry) || cache.judge(slot, entry) != Verdict::Serve {
            return None;
        }
        let now = cache.clock.now();
        if entry.wants_refresh(now) {
            cache.refresh_ahead(slot, entry, self.load.clone());
        }
        cache.stats.count(slot.entry, Event::HitMemory);
        Some(Freshness::Hit { layer: Layer::Local, ttl: entry.remaining(now) / 1000 })
    }
}
