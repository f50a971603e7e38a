//! The operator's view: cached keys, statistics, pools, scheduled tasks, health, and the test clock.
//!
//! It may use the core and the features. Only `assemble` uses it. Access control by role is here; routes and wire types are in `api`.

mod health;
mod inspect;
mod readership;
mod redis;
mod test_clock;
mod warm;
mod workers;

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use domain::characters::CharacterReads;
use domain::generation::GenerationReads;
use domain::identity::{Area, Forbidden, Principal};
use domain::ops::{
    Bumped, CacheStats, Cleared, KeyDetails, LimitMetrics, OperatorError, OperatorService, Ping, Policy, Selection, Statistics,
    Warmed, Worker, WorkerMetrics, Workers as LiveWorkers,
};
use domain::{Clock, Layer, ServiceError, Time};

pub(crate) use health::Dependencies;
pub(crate) use readership::Readership;
pub(crate) use test_clock::ScheduledClock;

use crate::cache::{Cache, Class, EntryType, RedisStore, Shape, clearing};
use crate::characters::SqlCharacterReads;
use crate::db::{Database, DroppedKey, Keys};
use crate::jobs::{JobWorker, Scheduler};
use crate::workers::Workers;

/// The operator's view of one worker's cache and of the data that all workers share.
pub(crate) struct CacheOperator {
    pub(crate) cache: Arc<Cache>,
    /// Absent if the store is the memory of this process.
    pub(crate) redis: Option<Arc<RedisStore>>,
    pub(crate) database: Database,
    pub(crate) characters: Arc<dyn CharacterReads>,
    pub(crate) generation: Arc<dyn GenerationReads>,
    /// Reads many characters at once.
    pub(crate) source: SqlCharacterReads,
    pub(crate) readership: Arc<Readership>,
    pub(crate) workers: Arc<Workers>,
    pub(crate) started_at: Time,
    pub(crate) scheduler: Arc<Scheduler>,
    pub(crate) jobs: Arc<JobWorker>,
    pub(crate) clock: Arc<dyn Clock>,
    /// Reads the metrics of the limits.
    pub(crate) limits: Box<dyn Fn() -> LimitMetrics + Send + Sync>,
}

impl CacheOperator {
    /// Publishes the counts of this worker until the operator is dropped. Warms the cache up if `warm_up` is set.
    pub(crate) fn start(self, warm_up: bool) -> Arc<Self> {
        let operator = Arc::new(self);
        tokio::spawn(workers::run(Arc::downgrade(&operator)));
        if warm_up {
            tokio::spawn(warm::at_start(Arc::clone(&operator)));
        }
        operator
    }

    fn worker(&self) -> Worker {
        let metrics = self.metrics();
        let (copies, copies_bytes) = metrics.copies;
        Worker {
            id: self.workers.id().to_string(),
            started_at: self.started_at,
            log_lag_ms: u64::try_from(metrics.log_lag.as_millis()).unwrap_or(u64::MAX),
            copies,
            copies_bytes,
            statistics: Statistics::of(&metrics.counts),
        }
    }

    fn policy(&self, entry: EntryType) -> Policy {
        let policy = entry.policy();
        let ttl = self.cache.ttls().of(entry);
        Policy {
            name: policy.setting.into(),
            key: policy.key.into(),
            ttl: ttl.as_secs(),
            absent_ttl: policy.absent.map(|absent| absent.min(ttl).as_secs()),
            stale_if_error: policy.stale.map(|stale| stale.as_secs()),
            class: if policy.class == Class::Strict { "strict" } else { "near" }.into(),
            shape: if policy.shape == Shape::Value { "value" } else { "pages" }.into(),
        }
    }
}

#[async_trait]
impl OperatorService for CacheOperator {
    async fn stats(&self, actor: &Principal) -> Result<CacheStats, OperatorError> {
        actor.require_admin(Area::Cache)?;
        let redis = async {
            match &self.redis {
                Some(store) => redis::statistics(store, self.cache.prefix()).await.ok(),
                None => None,
            }
        };
        let (counts, redis) = tokio::join!(self.counts_of_all(), redis);
        let workers = LiveWorkers { live: u64::from(self.workers.live_servers()), statistics: Statistics::of(&counts) };
        Ok(CacheStats { worker: self.worker(), workers, redis })
    }

    fn policies(&self, actor: &Principal) -> Result<Vec<Policy>, Forbidden> {
        actor.require_admin(Area::Cache)?;
        Ok(EntryType::ALL.into_iter().map(|entry| self.policy(entry)).collect())
    }

    async fn ping(&self, actor: &Principal) -> Result<Ping, OperatorError> {
        actor.require_admin(Area::Cache)?;
        let started = Instant::now();
        let up = self.cache.is_available().await;
        let layer = if self.cache.layer() == Layer::Shared { "redis" } else { "memory" };
        Ok(Ping { layer: layer.into(), up, ms: started.elapsed().as_secs_f64() * 1000.0 })
    }

    async fn inspect(&self, actor: &Principal, key: &str) -> Result<KeyDetails, OperatorError> {
        actor.require_admin(Area::Cache)?;
        self.details(key).await
    }

    async fn clear(&self, actor: &Principal, selection: Selection) -> Result<Cleared, OperatorError> {
        actor.require_admin(Area::Cache)?;
        let pattern = match selection {
            Selection::Type(name) => pattern_of(&name).ok_or(OperatorError::UnknownType)?,
            Selection::Pattern(pattern) => EntryType::canonical_pattern(&pattern),
        };
        // The shared store is cleared first. Copies that are made from it before the second step are cleared with the others.
        let removed = self.cache.clear(&pattern).await?;
        self.database.write(clearing(&pattern), |_| async { Ok::<_, ServiceError>(()) }).await?;
        Ok(Cleared { pattern, removed })
    }

    async fn warm(&self, actor: &Principal) -> Result<Warmed, OperatorError> {
        actor.require_admin(Area::Cache)?;
        Ok(self.warm_up().await?)
    }

    async fn bump(&self, actor: &Principal, key: &str) -> Result<Bumped, OperatorError> {
        actor.require_admin(Area::Cache)?;
        let (entry, key) = EntryType::canonical(key).ok_or(OperatorError::UnknownKey)?;
        let dropped = DroppedKey { logical: key.clone(), strict: entry.policy().class == Class::Strict };
        // Announced, so that every server has read the change when the write is acknowledged.
        let keys = Keys::of(dropped).announcing(key.as_str());
        self.database.write(keys, |_| async { Ok::<_, ServiceError>(()) }).await?;
        Ok(Bumped { key })
    }

    fn metrics(&self) -> WorkerMetrics {
        WorkerMetrics {
            counts: self.cache.stats().read(),
            redis_up: self.redis.as_ref().map(|redis| redis.is_used()),
            log_lag: self.cache.log_lag(),
            copies: self.cache.local_size(),
            pools: self.database.pools().statistics(),
            tasks: self.scheduler.statistics(),
            jobs: self.jobs.statistics(),
            limits: (self.limits)(),
        }
    }
}

/// The pattern that matches all keys of an entry; `None` if no entry has this name.
fn pattern_of(name: &str) -> Option<String> {
    let entry = EntryType::ALL.into_iter().find(|entry| entry.policy().setting == name)?;
    let parts = entry.policy().key.split(':').map(|part| if part.starts_with('{') { "*" } else { part });
    Some(parts.collect::<Vec<_>>().join(":"))
}
