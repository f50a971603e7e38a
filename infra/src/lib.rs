//! What `domain` asks for, on a database, a cache and real cryptography.
//!
//! [`connect`] is the only door: it assembles the services inside out, so that `CachedCoins(SqlCoins)` is what it says.
//! Every other module is private; `api` cannot name an adapter.

mod aside;
mod cache;
mod clock;
mod health;
mod security;
mod sql;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use domain::audit::{Audit, AuditService};
use domain::characters::CharacterService;
use domain::generation_settings::GenerationSettingsService;
use domain::ids::WorkerId;
use domain::{Clock, Fault, Services};
use secrecy::{ExposeSecret, SecretString};

use cache::{
    Cache, CacheOperator, CachedAccounts, CachedCharacters, CachedChatHistory, CachedCoins, CachedGenerationSettings,
    CachedSubscriptions, CachedUserDirectory, CachedUserSettings, MemoryStore, RedisStore, Store, Ttls, Type,
};
use clock::SystemClock;
use health::Parts;
use security::{Passwords, Tokens};
use sql::{
    Database, SqlAccounts, SqlAudit, SqlChangeLog, SqlCharacters, SqlChatHistory, SqlCoins, SqlGenerationSettings,
    SqlSubscriptions, SqlUserDirectory, SqlUserSettings,
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
    /// How often the change log is polled; a cached value is trusted for twice as long without a poll.
    pub change_log_interval: Duration,
    /// How much the values in this process may take, in bytes.
    pub cache_memory: u64,
    /// Loads what is read most at the start, in the background.
    pub cache_warm_up: bool,
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

/// Audits the books. It changes nothing, the schema included, and needs no Redis.
///
/// # Errors
/// When the database does not answer, or has the schema of another version.
pub async fn audit(config: &Config) -> Result<Audit, Fault> {
    SqlAudit(Database::connect(config.database_url.expose_secret()).await?).audit().await
}

/// Assembles the services. Redis may be away; the database must answer.
///
/// # Errors
/// When the database does not answer or a setting makes no sense.
pub async fn connect(config: Config) -> Result<Services, Fault> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let db = Database::connect(config.database_url.expose_secret()).await?;
    let redis = match &config.redis_url {
        Some(url) => Some(Arc::new(RedisStore::connect(url.expose_secret(), &config.redis_prefix).await?)),
        None => None,
    };
    let store: Arc<dyn Store> = match &redis {
        Some(redis) => cache::omissions::over(Arc::clone(redis)),
        None => Arc::new(MemoryStore::new(Arc::clone(&clock), config.cache_memory)),
    };
    let cache = Cache::start(cache::Parts {
        store,
        log: Arc::new(SqlChangeLog::connect(config.database_url.expose_secret(), db.clone()).await?),
        interval: config.change_log_interval,
        prefix: config.redis_prefix,
        ttls: Ttls::overridden(config.cache_ttls),
        clock: Arc::clone(&clock),
        copies: config.cache_memory,
    })
    .await?;
    if let Some(url) = &config.redis_url {
        cache.listen(url.expose_secret())?;
    }
    let db = db.with_cache(Arc::clone(&cache));
    let worker = Worker { redis, warm_up: config.cache_warm_up };
    Ok(assemble(&db, &cache, &clock, Passwords::new()?, Tokens::new(&config.token_secret), worker))
}

/// What makes this process one worker among others.
struct Worker {
    redis: Option<Arc<RedisStore>>,
    warm_up: bool,
}

/// The services inside out: storage, then speed.
fn assemble(
    db: &Database,
    cache: &Arc<Cache>,
    clock: &Arc<dyn Clock>,
    passwords: Passwords,
    tokens: Tokens,
    worker: Worker,
) -> Services {
    let (db, cache, clock) = (|| db.clone(), || Arc::clone(cache), || Arc::clone(clock));
    let directory = CachedUserDirectory::new(SqlUserDirectory::new(db()), cache());
    let characters: Arc<dyn CharacterService> = Arc::new(CachedCharacters::new(SqlCharacters::new(db(), clock()), cache()));
    let generation_settings: Arc<dyn GenerationSettingsService> =
        Arc::new(CachedGenerationSettings::new(SqlGenerationSettings::new(db(), clock()), cache()));
    let operator = CacheOperator {
        cache: cache(),
        redis: worker.redis,
        database: db(),
        characters: Arc::clone(&characters),
        generation_settings: Arc::clone(&generation_settings),
        source: SqlCharacters::new(db(), clock()),
        worker: WorkerId::generate(clock().now()),
        started_at: clock().now(),
    };
    Services {
        accounts: Arc::new(CachedAccounts::new(SqlAccounts::new(db(), directory, passwords, tokens, clock()), cache(), clock())),
        user_settings: Arc::new(CachedUserSettings::new(SqlUserSettings::new(db(), clock()), cache())),
        subscriptions: Arc::new(CachedSubscriptions::new(SqlSubscriptions::new(db(), clock()), cache())),
        coins: Arc::new(CachedCoins::new(SqlCoins::new(db(), clock()), cache())),
        audit: Arc::new(SqlAudit(db())),
        characters,
        generation_settings,
        chats: Arc::new(CachedChatHistory::new(SqlChatHistory::new(db(), clock()), cache())),
        health: Arc::new(Parts { database: db(), cache: cache() }),
        operator: operator.start(worker.warm_up),
        clock: clock(),
    }
}
