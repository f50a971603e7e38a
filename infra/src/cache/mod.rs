//! The cache: protocol, stores, the policy table, statistics.
//!
//! * Every cacheable read goes through [`Cache::read`] with a typed key; its policy is its row of the table in `policy`.
//! * The read looks up the store (and, for near entries, first this process's copies). On a miss it asks the store for a lease
//!   (ACQUIRE), loads from the database and fills the store only while the lease is still its own (FILL).
//! * Every write names the keys that it touches. Its strict keys have a barrier when it commits (BEGIN). After the commit the
//!   barrier is removed and the keys are dropped (END, DROP), so a slow reader cannot put an old value back.
//! * Every write appends a row per key to the change log, in its own transaction. Each worker tails the log and validates every
//!   cached or shared value by the rule in `changes`. So data that Redis loses, repeats or restores does no harm after D.
//! * Callers in one process that miss together share one load, under the rules of `in_flight` and `coalesced`.
//! * The store is this process's memory or Redis; both run the same scripts. An unavailable store costs one bounded wait. Then
//!   reads go to the database. A failure of the cache never makes a response wrong, lost or late.
//!
//! Decisions (a spend, a password, a precondition) never read through the cache. Features choose what is cached: each wraps its
//! reads in a decorator.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::{CachedResponse, Clock, Layer, ServiceError, Time};
use tokio::runtime::Handle;

use crate::db::{ChangeLog, Membership, Position};

mod breaker;
mod changes;
mod coalesced;
mod entry;
mod guarded;
mod in_flight;
#[cfg(test)]
mod interleavings;
mod invalidation;
mod loading;
mod local_store;
mod lookup;
mod memory;
mod near_copies;
mod policy;
mod prefill;
mod push;
mod read;
mod reconnect;
mod redis;
mod redis_absence;
mod redis_identity;
mod redis_reads;
mod redis_scan;
mod registry;
mod repeat;
pub(crate) mod safeguards;
mod slot;
mod stats;
mod store;
mod sync;
mod tail;
#[cfg(test)]
mod test_values;
#[cfg(test)]
mod tests;

pub(crate) use changes::Verdict;
pub(crate) use entry::Entry;
pub(crate) use invalidation::clearing;
pub(crate) use loading::with_timeout;
pub(crate) use memory::MemoryStore;
pub(crate) use policy::{Class, EntryType, PLANS, Shape, Ttls, keys};
pub(crate) use redis::RedisStore;
pub(crate) use redis_scan::escape_glob;
pub(crate) use registry::{Pages, Value};
pub(crate) use slot::{CacheSlot, physical};
pub(crate) use stats::Stats;
pub(crate) use store::{Store, StoreUnavailable};

use changes::{Changes, REMEMBERED};
use coalesced::CoalescedLoads;
use in_flight::InFlightLoads;
use local_store::LocalStore;
use near_copies::NearCopies;

/// The cache of one process, over one store.
pub(crate) struct Cache {
    store: Arc<dyn Store>,
    near: Option<NearCopies>,
    log: Arc<dyn ChangeLog>,
    membership: Arc<dyn Membership>,
    changes: Changes,
    /// D: twice the interval of the tail.
    current_for: Duration,
    prefix: String,
    ttls: Ttls,
    clock: Arc<dyn Clock>,
    in_flight: Arc<InFlightLoads>,
    coalesced: CoalescedLoads,
    stats: Stats,
    background: Handle,
}

/// The dependencies and settings of a cache.
pub(crate) struct Parts {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) log: Arc<dyn ChangeLog>,
    pub(crate) membership: Arc<dyn Membership>,
    /// Δ: the interval between polls of the change log.
    pub(crate) interval: Duration,
    pub(crate) prefix: String,
    pub(crate) ttls: Ttls,
    pub(crate) clock: Arc<dyn Clock>,
    /// The maximum size of the copies in this process, in bytes.
    pub(crate) copies: u64,
    /// The runtime of the tail and the loads, so that they do not queue behind requests.
    pub(crate) background: Handle,
}

impl Cache {
    /// Reads the recent changes, and starts the tail of the log, which runs until the cache is dropped.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn start(parts: Parts) -> Result<Arc<Self>, ServiceError> {
        let Parts { store, log, membership, interval, prefix, ttls, clock, copies, background } = parts;
        let started = Instant::now();
        let current_for = 2 * interval;
        let changes = Changes::starting(log.recent(REMEMBERED).await?, started, current_for, Arc::clone(&membership));
        let near = (store.layer() == Layer::Shared).then(|| NearCopies::new(copies));
        let (in_flight, coalesced, stats) = (Arc::default(), CoalescedLoads::default(), Stats::default());
        let cache = Arc::new(Self {
            store,
            near,
            log,
            membership,
            changes,
            current_for,
            prefix,
            ttls,
            clock,
            in_flight,
            coalesced,
            stats,
            background,
        });
        cache.background.spawn(tail::run(Arc::downgrade(&cache), interval));
        Ok(cache)
    }

    /// Subscribes to the changes of other workers over Redis.
    ///
    /// # Errors
    /// When the URL is not valid.
    pub(crate) fn listen(self: &Arc<Self>, url: &str) -> Result<(), ServiceError> {
        push::listen(url, &self.prefix, Arc::downgrade(self), &self.background)
    }

    /// The layer of the store.
    pub(crate) fn layer(&self) -> Layer {
        self.store.layer()
    }

    /// The prefix of all keys in Redis.
    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The number of keys in this process, and their size in bytes: copies of what Redis holds, or the store itself.
    pub(crate) fn local_size(&self) -> (u64, u64) {
        self.local().map_or((0, 0), LocalStore::size)
    }

    /// The values in this process under a physical key, by page.
    pub(crate) fn local_pages(&self, physical: &str) -> Vec<(Option<String>, Arc<Entry>)> {
        self.local().map(|local| local.pages(physical)).unwrap_or_default()
    }

    fn local(&self) -> Option<&LocalStore> {
        self.near.as_ref().map(NearCopies::store).or_else(|| self.store.local())
    }

    /// Removes the values of all keys that match a pattern from the store.
    ///
    /// # Errors
    /// When the store does not answer.
    pub(crate) async fn clear(&self, pattern: &str) -> Result<u64, ServiceError> {
        self.store.clear(pattern).await.map_err(ServiceError::unavailable)
    }

    /// Whether the store is available.
    pub(crate) async fn is_available(&self) -> bool {
        self.store.ping().await.is_ok()
    }

    /// The time since the last applied poll of the change log began.
    pub(crate) fn log_lag(&self) -> Duration {
        self.changes.lag()
    }

    /// The log's horizon now, as the stamp of a value that is kept outside this cache.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn horizon(&self) -> Result<Position, ServiceError> {
        with_timeout(self.log.horizon()).await
    }

    /// Whether a value that depends on these keys and was loaded after `stamp` may still be served.
    pub(crate) fn are_current(&self, keys: &[String], stamp: Position) -> bool {
        keys.iter().all(|key| self.changes.judge(key, stamp) == Verdict::Serve)
    }

    /// The times to live in force.
    pub(crate) fn ttls(&self) -> &Ttls {
        &self.ttls
    }

    /// The statistics of this process.
    pub(crate) fn stats(&self) -> &Stats {
        &self.stats
    }

    fn drop_copy(&self, logical: &str) {
        if let Some(near) = &self.near {
            near.drop_key(&physical(&self.prefix, logical));
        }
    }

    fn drop_copies(&self, matches: impl Fn(&str) -> bool) {
        if let Some(near) = &self.near {
            near.clear(matches);
        }
    }

    /// The end of the validity of a value that was just loaded; `None` if it must not be cached.
    fn valid_until<T>(&self, entry: EntryType, response: Option<&CachedResponse<T>>, now: Time) -> Option<Time> {
        let end = now + self.ttls.draw(entry, response.is_none())?;
        let end = response.and_then(|response| response.valid_until).map_or(end, |limit| limit.min(end));
        (end > now).then_some(end)
    }
}
