//! The caching story on one page.
//!
//! * Every cacheable read goes through [`Cache::read`] with a typed [`Key`]; how it lives is its row of the table in `policy`.
//! * The read looks into the store, and on a miss asks it for a lease (ACQUIRE), loads from the database and fills the store
//!   only while the lease is still its own (FILL). A write drops the key and its lease after its commit (DROP), so a slow
//!   reader cannot put an old value back.
//! * Callers in one process who miss together share one load, under the rules of `flights`.
//! * The store is this process's memory or Redis; both run the same scripts. A store that is away costs one bounded wait; then
//!   the database answers. The cache is never the reason that an answer is wrong, lost or late.
//!
//! What decides something (a spend, a password, a precondition) never reads through here.

use std::sync::Arc;

use domain::{Answer, Clock, Layer, Time};

mod breaker;
mod characters;
mod chat_history;
mod coins;
mod entry;
mod flights;
mod generation_settings;
mod invalidation;
mod key;
mod memory;
mod policy;
mod protocol;
mod redis;
mod store;
mod subscriptions;
mod user_directory;
mod user_settings;

pub(crate) use characters::CachedCharacters;
pub(crate) use chat_history::CachedChatHistory;
pub(crate) use coins::CachedCoins;
pub(crate) use generation_settings::CachedGenerationSettings;
pub(crate) use invalidation::{Keys, Written};
pub(crate) use key::Key;
pub(crate) use memory::MemoryStore;
pub(crate) use policy::{Ttls, Type};
pub(crate) use redis::RedisStore;
pub(crate) use store::Store;
pub(crate) use subscriptions::CachedSubscriptions;
pub(crate) use user_directory::CachedUserDirectory;
pub(crate) use user_settings::CachedUserSettings;

use flights::{Flights, Queues};
use key::Slot;

/// The cache of one process, over one store.
pub(crate) struct Cache {
    store: Arc<dyn Store>,
    prefix: String,
    ttls: Ttls,
    clock: Arc<dyn Clock>,
    flights: Arc<Flights>,
    queues: Queues,
}

impl Cache {
    pub(crate) fn new(store: Arc<dyn Store>, prefix: String, ttls: Ttls, clock: Arc<dyn Clock>) -> Self {
        Self { store, prefix, ttls, clock, flights: Arc::default(), queues: Queues::default() }
    }

    /// The layer of the store.
    pub(crate) fn layer(&self) -> Layer {
        self.store.layer()
    }

    /// Whether the store answers.
    pub(crate) async fn answers(&self) -> bool {
        self.store.ping().await.is_ok()
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
