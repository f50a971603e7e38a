//! What `domain` asks for, on a database, a cache and real cryptography.
//!
//! [`connect`] is the only door: it assembles the services inside out, so that `CachedCoins(SqlCoins)` is what it says.
//! Every other module is private; `api` cannot name an adapter.

mod cache;
mod clock;
mod health;
mod security;
mod sql;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use domain::{Clock, Fault, Services};
use secrecy::{ExposeSecret, SecretString};

use cache::{
    Cache, CachedCharacters, CachedChatHistory, CachedCoins, CachedGenerationSettings, CachedSubscriptions, CachedUserDirectory,
    CachedUserSettings, MemoryStore, RedisStore, Store, Ttls, Type,
};
use clock::SystemClock;
use health::Parts;
use security::{Passwords, Tokens};
use sql::{
    Database, SqlAccounts, SqlCharacters, SqlChatHistory, SqlCoins, SqlGenerationSettings, SqlSubscriptions, SqlUserDirectory,
    SqlUserSettings,
};

/// What the adapters need to know.
#[derive(Debug, Clone)]
pub struct Config {
    /// `sqlite://…` or `postgres://…`.
    pub database_url: SecretString,
    /// `redis://…` and its relatives; `None` keeps the cache in this process.
    pub redis_url: Option<SecretString>,
    /// What every key in Redis begins with.
    pub redis_prefix: String,
    /// The secret that signs tokens.
    pub token_secret: SecretString,
    /// Times to live that differ from the policy table's, by the type's name.
    pub cache_ttls: BTreeMap<&'static str, Duration>,
}

/// The cached types and their times to live, as the policy table has them.
pub fn cache_types() -> impl Iterator<Item = (&'static str, Duration)> {
    Type::ALL.iter().map(|of| (of.policy().name, of.policy().ttl))
}

/// Brings the database to this version's schema. Several replicas may do it at the same time.
///
/// # Errors
/// When the database does not answer or a migration fails.
pub async fn migrate(config: &Config) -> Result<(), Fault> {
    Database::connect(config.database_url.expose_secret()).await?.migrate().await
}

/// Assembles the services. Redis may be away; the database must answer.
///
/// # Errors
/// When the database does not answer or a setting makes no sense.
pub async fn connect(config: Config) -> Result<Services, Fault> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let store: Arc<dyn Store> = match &config.redis_url {
        Some(url) => Arc::new(RedisStore::connect(url.expose_secret()).await?),
        None => Arc::new(MemoryStore::new(Arc::clone(&clock))),
    };
    let ttls = Ttls::overridden(config.cache_ttls);
    let cache = Arc::new(Cache::new(store, config.redis_prefix, ttls, Arc::clone(&clock)));
    let db = Database::connect(config.database_url.expose_secret()).await?.with_cache(Arc::clone(&cache));

    let shared = || (db.clone(), Arc::clone(&clock));
    let cached = || Arc::clone(&cache);
    let (database, now) = shared();
    let directory = CachedUserDirectory::new(SqlUserDirectory::new(database.clone()), cached());
    let accounts = SqlAccounts::new(database, directory, Passwords::new()?, Tokens::new(&config.token_secret), now);

    let with = shared;
    Ok(Services {
        accounts: Arc::new(accounts),
        user_settings: Arc::new(CachedUserSettings::new(assemble(SqlUserSettings::new, with()), cached())),
        subscriptions: Arc::new(CachedSubscriptions::new(assemble(SqlSubscriptions::new, with()), cached())),
        coins: Arc::new(CachedCoins::new(assemble(SqlCoins::new, with()), cached())),
        characters: Arc::new(CachedCharacters::new(assemble(SqlCharacters::new, with()), cached())),
        generation_settings: Arc::new(CachedGenerationSettings::new(assemble(SqlGenerationSettings::new, with()), cached())),
        chats: Arc::new(CachedChatHistory::new(assemble(SqlChatHistory::new, with()), cached())),
        health: Arc::new(Parts { database: db.clone(), cache: cached() }),
        clock,
    })
}

fn assemble<S>(new: impl Fn(Database, Arc<dyn Clock>) -> S, (db, clock): (Database, Arc<dyn Clock>)) -> S {
    new(db, clock)
}
