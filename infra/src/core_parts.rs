//! The parts that services share, connected in one pass. They belong to no feature.

use std::sync::Arc;

use domain::{Clock, ServiceError};
use secrecy::ExposeSecret;
use tokio::runtime::Handle;

use crate::cache::{self, Cache, MemoryStore, RedisStore, Store, Ttls};
use crate::clock::ProductClock;
use crate::config::{ClockPolicy, Config, Process};
use crate::db::{Database, Membership, Pools, SqlChangeLog, read_time, start_time};
use crate::start_error::StartError;
use crate::workers::{CacheStore, Fingerprints, Kind, ThisWorker, Workers};

/// The parts that services share.
pub(crate) struct Core {
    pub(crate) pools: Pools,
    pub(crate) db: Database,
    pub(crate) cache: Arc<Cache>,
    pub(crate) redis: Option<Arc<RedisStore>>,
    pub(crate) workers: Arc<Workers>,
    pub(crate) clock: Arc<ProductClock>,
}

impl Core {
    /// Connects in one pass: pools, clock, workers, change log, cache, database. The log is read after the worker has its row.
    ///
    /// # Errors
    /// When the database does not answer, or a live server does not fit this one.
    pub(crate) async fn connect(config: Config, background: &Handle) -> Result<Self, StartError> {
        let database_url = config.database_url.expose_secret();
        let pools = Pools::connect(database_url).await?;
        let clock = product_clock(&config, &pools).await?;
        let workers = Workers::start(database_url, pools.clone(), this_worker(&config)?, Arc::<ProductClock>::clone(&clock));
        let log = SqlChangeLog::connect(database_url, pools.clone(), Arc::clone(&clock), background);
        let (workers, log) = tokio::join!(workers, log);
        let workers = Arc::new(workers?);
        let redis = match &config.redis_url {
            Some(url) => Some(Arc::new(RedisStore::connect(url.expose_secret(), &config.redis_prefix, background).await?)),
            None => None,
        };
        workers.agree(redis.as_deref()).await?;
        let store: Arc<dyn Store> = match &redis {
            Some(redis) => cache::safeguards::store_over(Arc::clone(redis)),
            None => Arc::new(MemoryStore::new(Arc::<ProductClock>::clone(&clock), config.cache_memory)),
        };
        let cache = Cache::start(cache::Parts {
            store,
            log: Arc::new(log?),
            membership: Arc::<Workers>::clone(&workers) as Arc<dyn Membership>,
            interval: config.change_log_interval,
            prefix: config.redis_prefix,
            ttls: Ttls::overridden(config.cache_ttls),
            clock: Arc::<ProductClock>::clone(&clock),
            copies: config.cache_memory,
            background: background.clone(),
        })
        .await?;
        if let Some(url) = &config.redis_url {
            cache.listen(url.expose_secret())?;
        }
        let db = Database::new(pools.clone(), Arc::<Cache>::clone(&cache), Arc::<ProductClock>::clone(&clock));
        Ok(Self { pools, db, cache, redis, workers, clock })
    }

    /// The connection pools.
    pub(crate) fn pools(&self) -> Pools {
        self.pools.clone()
    }

    /// The database, whose writes invalidate cached keys.
    pub(crate) fn db(&self) -> Database {
        self.db.clone()
    }

    /// The cache.
    pub(crate) fn cache(&self) -> Arc<Cache> {
        Arc::clone(&self.cache)
    }

    /// The time of the product.
    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        Arc::<ProductClock>::clone(&self.clock)
    }
}

/// What this process tells the other workers.
fn this_worker(config: &Config) -> Result<ThisWorker, ServiceError> {
    let kind = match config.process {
        Process::Server => Kind::Server,
        Process::Worker => Kind::Worker,
        Process::Command => Kind::Command,
    };
    let fingerprints = Fingerprints::of(&config.token_secret, &config.accepted_token_secrets)?;
    let cache = if config.redis_url.is_some() { CacheStore::Redis(None) } else { CacheStore::Memory };
    Ok(ThisWorker { kind, staleness: 2 * config.change_log_interval, fingerprints, cache })
}

/// The time of the product, as the database has it.
async fn product_clock(config: &Config, pools: &Pools) -> Result<Arc<ProductClock>, StartError> {
    if let ClockPolicy::Movable(Some(start)) = config.clock {
        start_time(pools, start).await?;
    }
    // A busy machine may answer late. Nobody waits for a server that starts.
    let reading = read_time(&pools.reader().connection()).await?;
    let is_moved = reading.offset_ms.is_some_and(|offset| offset != 0);
    match config.clock {
        ClockPolicy::Unmoved if is_moved => {
            return Err(StartError::Refused(
                "the time of this database was moved by a test clock, and production runs on the true time; use another database, or \
                 restore a backup from before"
                    .to_owned(),
            ));
        }
        ClockPolicy::Followed if is_moved && config.process == Process::Server => {
            tracing::warn!(
                ahead_ms = reading.offset_ms,
                "the time of this database was moved by a test clock; this server follows it"
            );
        }
        _ => {}
    }
    Ok(Arc::new(ProductClock::starting_from(&reading)))
}
