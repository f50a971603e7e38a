//! What `domain` asks for, on a database, a cache and real cryptography.
//!
//! [`connect`] is the only door: it assembles the services inside out, so that `CachedCoins(SqlCoins)` is what it says.
//! Every other module is private; `api` cannot name an adapter.

mod aside;
mod cache;
mod clock;
mod config;
mod health;
mod providers;
mod schedule;
mod security;
mod sql;

use std::sync::Arc;
use std::time::Duration;

use domain::audit::{Audit, AuditService};
use domain::characters::CharacterService;
use domain::generation_settings::GenerationSettingsService;
use domain::ids::WorkerId;
use domain::payments::{EventSource, PaymentProvider};
use domain::{Clock, Fault, Services, TestClock};
use secrecy::{ExposeSecret, SecretString};

use cache::{
    Cache, CacheOperator, CachedAccounts, CachedCharacters, CachedChatHistory, CachedCoins, CachedGenerationSettings,
    CachedSubscriptions, CachedUserDirectory, CachedUserSettings, MemoryStore, RedisStore, Store, Ttls, Type,
};
use clock::{MovableClock, SystemClock};
pub use config::{ClockSource, Collector, Config};
use health::Parts;
use providers::{Manual, Stripe};
use schedule::{CatchUp, Duty, MatchEvents, PurgeIdempotencyKeys, ReleaseExpired, ScheduledClock, Scheduler};
use security::{Passwords, Tokens};
use sql::{
    Database, SqlAccounts, SqlAudit, SqlChangeLog, SqlCharacters, SqlChatHistory, SqlCoins, SqlGenerationSettings, SqlPayments,
    SqlSubscriptions, SqlUserDirectory, SqlUserSettings,
};

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
    SqlAudit::new(Database::connect(config.database_url.expose_secret()).await?).audit().await
}

/// Assembles the services. Redis may be away; the database must answer.
///
/// # Errors
/// When the database does not answer or a setting makes no sense.
pub async fn connect(config: Config) -> Result<Services, Fault> {
    let (clock, movable) = clock_of(config.clock);
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
    let billing = Billing::new(&db, &clock, config.collector, config.stripe_secret)?;
    let scheduler = Scheduler::new(duties(&db, &billing), Arc::clone(&clock));
    if config.scheduler {
        scheduler.start();
    }
    let worker = Worker { redis, warm_up: config.cache_warm_up, billing, scheduler, movable };
    Ok(assemble(&db, &cache, &clock, Passwords::new()?, Tokens::new(&config.token_secret), worker))
}

/// Subscriptions and payments on SQL, which the scheduler knows as well.
struct Billing {
    subscriptions: Arc<SqlSubscriptions>,
    payments: Arc<SqlPayments>,
}

impl Billing {
    fn new(
        db: &Database,
        clock: &Arc<dyn Clock>,
        collector: Collector,
        stripe_secret: Option<SecretString>,
    ) -> Result<Self, Fault> {
        let stripe = stripe_secret.map(|secret| Arc::new(Stripe::new(secret)) as Arc<dyn EventSource>);
        let collects: Arc<dyn PaymentProvider> = match (collector, &stripe) {
            (Collector::Stripe, Some(stripe)) => Arc::<dyn EventSource>::clone(stripe),
            (Collector::Stripe, None) => return Err(Fault::bug("Stripe collects, and the secret of its events is not known")),
            (Collector::Manual, _) => Arc::new(Manual),
        };
        let (db, clock) = (|| db.clone(), || Arc::clone(clock));
        Ok(Self {
            subscriptions: Arc::new(SqlSubscriptions::new(db(), clock(), Arc::clone(&collects))),
            payments: Arc::new(SqlPayments::new(db(), clock(), collects, stripe)),
        })
    }
}

/// What falls due by itself.
fn duties(db: &Database, billing: &Billing) -> Vec<Arc<dyn Duty>> {
    vec![
        Arc::new(PurgeIdempotencyKeys(db.clone())),
        Arc::new(CatchUp(Arc::clone(&billing.subscriptions))),
        Arc::new(ReleaseExpired(db.clone())),
        Arc::new(MatchEvents(Arc::clone(&billing.payments))),
    ]
}

/// The clock, twice if tests can move it.
fn clock_of(source: ClockSource) -> (Arc<dyn Clock>, Option<Arc<MovableClock>>) {
    match source {
        ClockSource::System => (Arc::new(SystemClock), None),
        ClockSource::Movable(start) => {
            let movable = Arc::new(MovableClock::starting_at(start));
            (Arc::<MovableClock>::clone(&movable), Some(movable))
        }
    }
}

/// What makes this process one worker among others.
struct Worker {
    redis: Option<Arc<RedisStore>>,
    warm_up: bool,
    billing: Billing,
    scheduler: Arc<Scheduler>,
    movable: Option<Arc<MovableClock>>,
}

impl Worker {
    fn test_clock(&self) -> Option<Arc<dyn TestClock>> {
        let clock = self.movable.clone()?;
        Some(Arc::new(ScheduledClock { clock, scheduler: Arc::clone(&self.scheduler) }))
    }
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
    let test_clock = worker.test_clock();
    let operator = CacheOperator {
        cache: cache(),
        redis: worker.redis,
        database: db(),
        characters: Arc::clone(&characters),
        generation_settings: Arc::clone(&generation_settings),
        source: SqlCharacters::new(db(), clock()),
        worker: WorkerId::generate(clock().now()),
        started_at: clock().now(),
        scheduler: worker.scheduler,
    };
    Services {
        accounts: Arc::new(CachedAccounts::new(SqlAccounts::new(db(), directory, passwords, tokens, clock()), cache(), clock())),
        user_settings: Arc::new(CachedUserSettings::new(SqlUserSettings::new(db(), clock()), cache())),
        subscriptions: Arc::new(CachedSubscriptions::new(worker.billing.subscriptions, cache())),
        payments: worker.billing.payments,
        coins: Arc::new(CachedCoins::new(SqlCoins::new(db(), clock()), cache())),
        audit: Arc::new(SqlAudit::new(db())),
        characters,
        generation_settings,
        chats: Arc::new(CachedChatHistory::new(SqlChatHistory::new(db(), clock()), cache())),
        health: Arc::new(Parts { database: db(), cache: cache() }),
        operator: operator.start(worker.warm_up),
        clock: clock(),
        test_clock,
    }
}
