//! Assembles the services: first the storage, then the decorators that cache its reads.

use std::sync::Arc;

use domain::billing::payments::{EventSource, PaymentProvider};
use domain::characters::{CharacterName, CharacterReads};
use domain::generation::GenerationReads;
use domain::ids::WorkerId;
use domain::{Clock, ServiceError, Services};
use secrecy::{ExposeSecret, SecretString};
use tokio::runtime::Handle;

use crate::billing::coins::{CachedCoinReads, OpenCoinAccount, ReleaseExpiredCoins, SqlCoinReads, SqlCoins, VoidIdleHolds};
use crate::billing::ledger_audit::SqlAudit;
use crate::billing::payments::{InstallPackages, Manual, MatchPaymentEvents, SqlPayments, Stripe};
use crate::billing::plans::InstallPlans;
use crate::billing::subscriptions::{
    CachedSubscriptionReads, CatchUpSubscriptions, PaymentEffects, SqlSubscriptionReads, SqlSubscriptions,
};
use crate::billing::usage::{CachedUsageReads, SqlUsageReads};
use crate::cache::{self, Cache, MemoryStore, RedisStore, Store, Ttls};
use crate::characters::{CachedCharacterReads, CharacterCount, SqlCharacterReads, SqlCharacters};
use crate::chats::{CachedChatReads, SqlChatReads, SqlChats};
use crate::clock::{MovableClock, SystemClock};
use crate::config::{ClockSource, Collector, Config};
use crate::db::{Database, Installer, Pools, SqlChangeLog};
use crate::generation::{CachedGenerationReads, InstallGenerationSettings, SqlGenerationReads, SqlGenerationSettings};
use crate::identity::{
    CachedAuthenticator, CachedUserDirectory, CachedUserSettingsReads, LastUses, Passwords, PurgeLoginSessions, RecordLastUses,
    Sessions, SqlAccounts, SqlAuthenticator, SqlUserAdministration, SqlUserDirectory, SqlUserSettings, SqlUserSettingsReads,
    Tokens,
};
use crate::jobs::{PurgeIdempotencyKeys, ScheduledTask, Scheduler};
use crate::ops::{CacheOperator, Dependencies, Readership, ScheduledClock};
use crate::start_error::StartError;

/// The rows that every installation must have.
pub(crate) const INSTALLERS: [&dyn Installer; 3] = [&InstallPlans, &InstallPackages, &InstallGenerationSettings];

/// The parts that services share.
struct Core {
    pools: Pools,
    db: Database,
    cache: Arc<Cache>,
    redis: Option<Arc<RedisStore>>,
    clock: Arc<dyn Clock>,
}

/// Collects payments, and reports their events.
struct Provider {
    collector: Arc<dyn PaymentProvider>,
    source: Option<Arc<dyn EventSource>>,
}

/// Connects and assembles the services; see [`connect`](crate::connect).
pub(crate) async fn services(config: Config, background: &Handle) -> Result<Services, StartError> {
    let (clock, movable) = clock_of(config.clock);
    let provider = provider(config.collector, config.stripe_secret.clone())?;
    let tokens = Tokens::new(&config.token_secret);
    let passwords = Passwords::new()?;
    let (starts_scheduler, warm_up) = (config.scheduler, config.cache_warm_up);
    let core = Core::connect(config, clock, background).await?;

    let subscriptions = Arc::new(core.subscriptions(&provider));
    let payments = Arc::new(core.payments(provider));
    let last_uses = Arc::new(LastUses::default());
    let mut tasks = core.tasks(&subscriptions, &payments);
    tasks.push(Arc::new(RecordLastUses { uses: Arc::clone(&last_uses), db: core.db() }));
    let scheduler = Scheduler::new(tasks, core.clock());
    if starts_scheduler {
        scheduler.start();
    }
    let readership = Arc::new(Readership::default());
    let character_reads = core.character_reads(&readership);
    let generation_reads: Arc<dyn GenerationReads> =
        Arc::new(CachedGenerationReads::new(SqlGenerationReads(core.pools()), core.cache()));
    let operator = CacheOperator {
        cache: core.cache(),
        redis: core.redis.clone(),
        database: core.db(),
        characters: Arc::clone(&character_reads),
        generation: Arc::clone(&generation_reads),
        source: SqlCharacterReads(core.pools()),
        readership,
        worker: WorkerId::generate(core.clock.now()),
        started_at: core.clock.now(),
        scheduler: Arc::clone(&scheduler),
        clock: core.clock(),
    };
    let (pools, clock) = (core.pools(), core.clock());
    let authenticator = SqlAuthenticator { pools: core.pools(), tokens: tokens.clone(), clock: core.clock() };
    let usage = SqlUsageReads { pools: core.pools(), clock: core.clock(), characters: Arc::new(CharacterCount) };
    Ok(Services {
        sessions: Arc::new(Sessions::new(core.db(), tokens.clone(), core.clock())),
        user_administration: Arc::new(core.user_administration()),
        accounts: Arc::new(core.accounts(passwords, tokens)),
        authenticator: Arc::new(CachedAuthenticator::new(authenticator, core.cache(), core.clock(), last_uses)),
        user_settings: Arc::new(SqlUserSettings { db: core.db(), clock: core.clock() }),
        user_settings_reads: Arc::new(CachedUserSettingsReads::new(SqlUserSettingsReads(core.pools()), core.cache())),
        subscriptions,
        subscription_reads: Arc::new(CachedSubscriptionReads::new(SqlSubscriptionReads { pools, clock }, core.cache())),
        usage_reads: Arc::new(CachedUsageReads::new(usage, core.cache())),
        payments,
        coins: Arc::new(SqlCoins { db: core.db(), clock: core.clock() }),
        coin_reads: Arc::new(CachedCoinReads::new(SqlCoinReads { pools: core.pools(), clock: core.clock() }, core.cache())),
        ledger_audit: Arc::new(SqlAudit::new(core.pools())),
        characters: Arc::new(SqlCharacters { db: core.db(), clock: core.clock() }),
        character_reads,
        generation: Arc::new(SqlGenerationSettings { db: core.db(), clock: core.clock() }),
        generation_reads,
        chats: Arc::new(SqlChats { db: core.db(), clock: core.clock() }),
        chat_reads: Arc::new(CachedChatReads::new(SqlChatReads(core.pools()), core.cache())),
        health: Arc::new(Dependencies { database: core.pools(), cache: core.cache() }),
        operator: operator.start(warm_up),
        clock: core.clock(),
        test_clock: movable.map(|clock| Arc::new(ScheduledClock { clock, scheduler }) as _),
    })
}

impl Core {
    /// Connects in one pass: pools, change log, cache, database.
    async fn connect(config: Config, clock: Arc<dyn Clock>, background: &Handle) -> Result<Self, StartError> {
        let database_url = config.database_url.expose_secret();
        let pools = Pools::connect(database_url).await?;
        let log = Arc::new(SqlChangeLog::connect(database_url, pools.clone(), background).await?);
        let redis = match &config.redis_url {
            Some(url) => Some(Arc::new(RedisStore::connect(url.expose_secret(), &config.redis_prefix, background).await?)),
            None => None,
        };
        let store: Arc<dyn Store> = match &redis {
            Some(redis) => cache::safeguards::store_over(Arc::clone(redis)),
            None => Arc::new(MemoryStore::new(Arc::clone(&clock), config.cache_memory)),
        };
        let cache = Cache::start(cache::Parts {
            store,
            log,
            interval: config.change_log_interval,
            prefix: config.redis_prefix,
            ttls: Ttls::overridden(config.cache_ttls),
            clock: Arc::clone(&clock),
            copies: config.cache_memory,
            background: background.clone(),
        })
        .await?;
        if let Some(url) = &config.redis_url {
            cache.listen(url.expose_secret())?;
        }
        let db = Database::new(pools.clone(), Arc::<Cache>::clone(&cache), Arc::clone(&clock));
        Ok(Self { pools, db, cache, redis, clock })
    }

    fn pools(&self) -> Pools {
        self.pools.clone()
    }

    fn db(&self) -> Database {
        self.db.clone()
    }

    fn cache(&self) -> Arc<Cache> {
        Arc::clone(&self.cache)
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    fn accounts(&self, passwords: Passwords, tokens: Tokens) -> SqlAccounts<CachedUserDirectory<SqlUserDirectory>> {
        SqlAccounts {
            db: self.db(),
            directory: CachedUserDirectory::new(SqlUserDirectory(self.pools()), self.cache()),
            passwords,
            sessions: Sessions::new(self.db(), tokens, self.clock()),
            clock: self.clock(),
            hooks: [Arc::new(OpenCoinAccount) as _].into(),
        }
    }

    fn user_administration(&self) -> SqlUserAdministration {
        SqlUserAdministration { db: self.db(), clock: self.clock(), hooks: [Arc::new(VoidIdleHolds) as _].into() }
    }

    fn subscriptions(&self, provider: &Provider) -> SqlSubscriptions {
        SqlSubscriptions { db: self.db(), clock: self.clock(), provider: Arc::clone(&provider.collector) }
    }

    fn payments(&self, provider: Provider) -> SqlPayments {
        SqlPayments {
            db: self.db(),
            clock: self.clock(),
            provider: provider.collector,
            source: provider.source,
            subscriptions: Arc::new(PaymentEffects),
        }
    }

    fn tasks(&self, subscriptions: &Arc<SqlSubscriptions>, payments: &Arc<SqlPayments>) -> Vec<Arc<dyn ScheduledTask>> {
        vec![
            Arc::new(PurgeIdempotencyKeys(self.db())),
            Arc::new(PurgeLoginSessions(self.db())),
            Arc::new(CatchUpSubscriptions(Arc::clone(subscriptions))),
            Arc::new(ReleaseExpiredCoins(self.db())),
            Arc::new(MatchPaymentEvents(Arc::clone(payments))),
        ]
    }

    fn character_reads(&self, readership: &Arc<Readership>) -> Arc<dyn CharacterReads> {
        let readership = Arc::clone(readership);
        let on_read = move |name: &CharacterName| readership.record(name);
        Arc::new(CachedCharacterReads::new(SqlCharacterReads(self.pools()), self.cache(), on_read))
    }
}

fn provider(collector: Collector, stripe_secret: Option<SecretString>) -> Result<Provider, ServiceError> {
    let source = stripe_secret.map(|secret| Arc::new(Stripe::new(secret)) as Arc<dyn EventSource>);
    let collector: Arc<dyn PaymentProvider> = match (collector, &source) {
        (Collector::Stripe, Some(stripe)) => Arc::<dyn EventSource>::clone(stripe),
        (Collector::Stripe, None) => {
            return Err(ServiceError::bug("the payment provider is Stripe, but the secret of its events is not set"));
        }
        (Collector::Manual, _) => Arc::new(Manual),
    };
    Ok(Provider { collector, source })
}

/// The clock, and the same clock as a movable one if tests can move it.
fn clock_of(source: ClockSource) -> (Arc<dyn Clock>, Option<Arc<MovableClock>>) {
    match source {
        ClockSource::System => (Arc::new(SystemClock), None),
        ClockSource::Movable(start) => {
            let movable = Arc::new(MovableClock::starting_at(start));
            (Arc::<MovableClock>::clone(&movable), Some(movable))
        }
    }
}
