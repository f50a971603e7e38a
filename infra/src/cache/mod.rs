//! The caching story on one page.
//!
//! * Every cacheable read goes through [`Cache::read`] with a typed [`Key`]; how it lives is its row of the table in `policy`.
//! * The read looks into the store (and, for near types, first into this process's copies). On a miss it asks the store for a
//!   lease (ACQUIRE), loads from the database and fills the store only while the lease is still its own (FILL).
//! * Every write says which keys it touches. Its strict keys stand behind a barrier while it runs (BEGIN); after its commit the
//!   barrier is lifted and the keys are dropped (END, DROP), so a slow reader cannot put an old value back.
//! * Every write leaves a row per key in the change log, in its own transaction. Each worker tails the log, and judges every
//!   cached or shared value by the one rule in `changes`: whatever Redis loses, repeats or restores is harmless within D.
//! * Callers in one process who miss together share one load, under the rules of `flights`.
//! * The store is this process's memory or Redis; both run the same scripts. A store that is away costs one bounded wait; then
//!   the database answers. The cache is never the reason that an answer is wrong, lost or late.
//!
//! What decides something (a spend, a password, a precondition) never reads through here.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::{Answer, Clock, Fault, Layer, Time};

mod accounts;
mod breaker;
#[cfg(feature = "naive")]
mod cache_aside;
mod changes;
mod characters;
mod chat_history;
mod coins;
mod entry;
mod flights;
mod generation_settings;
mod guarded;
mod invalidation;
mod key;
mod link;
mod loading;
mod look;
mod memory;
mod near;
pub(crate) mod omissions;
mod operator;
mod policy;
mod prefill;
mod protocol;
mod push;
mod readership;
mod reads;
mod redis;
#[cfg(test)]
mod schedules;
mod shelf;
mod stats;
mod store;
mod subscriptions;
mod sync;
mod tail;
#[cfg(test)]
mod tests;
mod user_directory;
mod user_settings;

pub(crate) use accounts::CachedAccounts;
pub(crate) use changes::{Change, Log, Poll, Position};
pub(crate) use characters::CachedCharacters;
pub(crate) use chat_history::CachedChatHistory;
pub(crate) use coins::CachedCoins;
pub(crate) use generation_settings::CachedGenerationSettings;
pub(crate) use invalidation::{Barriers, Keys, Written};
pub(crate) use key::Key;
pub(crate) use memory::MemoryStore;
pub(crate) use operator::CacheOperator;
pub(crate) use policy::{Ttls, Type};
pub(crate) use redis::RedisStore;
pub(crate) use store::Store;
pub(crate) use subscriptions::CachedSubscriptions;
pub(crate) use user_directory::CachedUserDirectory;
pub(crate) use user_settings::CachedUserSettings;

use changes::{Changes, REMEMBERED};
use flights::{Flights, Queues};
use key::Slot;
use near::Near;
use readership::Readership;
use shelf::Shelf;
use stats::Stats;

/// The cache of one process, over one store.
pub(crate) struct Cache {
    store: Arc<dyn Store>,
    near: Option<Near>,
    log: Arc<dyn Log>,
    changes: Changes,
    /// D: twice the interval of the tail.
    current_for: Duration,
    prefix: String,
    ttls: Ttls,
    clock: Arc<dyn Clock>,
    flights: Arc<Flights>,
    queues: Queues,
    stats: Stats,
    readership: Readership,
}

/// What a cache is made of.
pub(crate) struct Parts {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) log: Arc<dyn Log>,
    /// Δ: how often the change log is polled.
    pub(crate) interval: Duration,
    pub(crate) prefix: String,
    pub(crate) ttls: Ttls,
    pub(crate) clock: Arc<dyn Clock>,
    /// How much the copies in this process may take, in bytes.
    pub(crate) copies: u64,
}

impl Cache {
    /// A cache that knows the recent changes and goes on tailing the log for as long as it lives.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn start(parts: Parts) -> Result<Arc<Self>, Fault> {
        let Parts { store, log, interval, prefix, ttls, clock, copies } = parts;
        let started = Instant::now();
        let current_for = 2 * interval;
        let changes = Changes::starting(log.recent(REMEMBERED).await?, started, current_for);
        let near = (store.layer() == Layer::Redis).then(|| Near::new(copies));
        let (flights, queues) = (Arc::default(), Queues::default());
        let (stats, readership) = (Stats::default(), Readership::default());
        let cache =
            Arc::new(Self { store, near, log, changes, current_for, prefix, ttls, clock, flights, queues, stats, readership });
        crate::aside::spawn(tail::run(Arc::downgrade(&cache), interval));
        Ok(cache)
    }

    /// Listens for other workers' changes at this Redis.
    ///
    /// # Errors
    /// When the URL makes no sense.
    pub(crate) fn listen(self: &Arc<Self>, url: &str) -> Result<(), Fault> {
        push::listen(url, &self.prefix, Arc::downgrade(self))
    }

    /// The layer of the store.
    pub(crate) fn layer(&self) -> Layer {
        self.store.layer()
    }

    /// What all keys in Redis begin with.
    fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The values in this process: copies of what Redis holds, or the store itself.
    fn copies(&self) -> Option<&Shelf> {
        self.near.as_ref().map(Near::shelf).or_else(|| self.store.shelf())
    }

    /// Removes the values of all keys that match a pattern from the store.
    ///
    /// # Errors
    /// When the store does not answer.
    async fn clear(&self, pattern: &str) -> Result<u64, Fault> {
        self.store.clear(pattern).await.map_err(Fault::unavailable)
    }

    /// Whether the store answers.
    pub(crate) async fn answers(&self) -> bool {
        self.store.ping().await.is_ok()
    }

    /// Whether a poll of the change log that began so recently was answered.
    pub(crate) fn has_read_log_within(&self, span: Duration) -> bool {
        self.changes.polled_within(span)
    }

    /// D: for how long the log counts as read.
    pub(crate) fn current_for(&self) -> Duration {
        self.current_for
    }

    /// The time, by the service's clock.
    pub(crate) fn now(&self) -> Time {
        self.clock.now()
    }

    fn forget_copy(&self, logical: &str) {
        if let Some(near) = &self.near {
            near.drop_key(&format!("{}{{{logical}}}", self.prefix));
        }
    }

    fn forget_copies(&self, which: impl Fn(&str) -> bool) {
        if let Some(near) = &self.near {
            near.clear(which);
        }
    }

    fn slot(&self, key: &Key, field: Option<String>) -> Slot {
        Slot::new(&self.prefix, key, field)
    }

    /// Until when a value that was just loaded may be served; `None` when it is not to be kept at all.
    fn valid_until<T>(&self, of: Type, answer: Option<&Answer<T>>, now: Time) -> Option<Time> {
        let end = now + self.ttls.draw(of, answer.is_none())?;
        let end = answer.and_then(|answer| answer.valid_until).map_or(end, |limit| limit.min(end));
        (end > now).then_some(end)
    }
}
