//! What operators may ask of the cache. Figures of Redis are in `redis`, what workers tell each other in `workers`, one key in
//! `inspect`, the warm-up in `warm`.

mod inspect;
mod redis;
mod warm;
mod workers;

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use domain::accounts::{Actor, Forbidden};
use domain::characters::CharacterService;
use domain::generation_settings::GenerationSettingsService;
use domain::ids::WorkerId;
use domain::operator::{
    Bumped, CacheStats, Cleared, Figures, KeyFigures, OperatorError, OperatorService, Ping, Policy, Pulse, Selection, Warmed,
    Worker, Workers,
};
use domain::{Fault, Layer, Time};

pub(super) use redis::literally;

use super::policy::{Class, Shape, Type};
use super::{Cache, Key, Keys, RedisStore};
use crate::schedule::Scheduler;
use crate::sql::{Database, SqlCharacters};

/// The operator's view of one worker's cache, and of what all workers share.
pub(crate) struct CacheOperator {
    pub(crate) cache: Arc<Cache>,
    /// Absent when there is one worker and its memory.
    pub(crate) redis: Option<Arc<RedisStore>>,
    pub(crate) database: Database,
    pub(crate) characters: Arc<dyn CharacterService>,
    pub(crate) generation_settings: Arc<dyn GenerationSettingsService>,
    /// Where many characters come from at once.
    pub(crate) source: SqlCharacters,
    pub(crate) worker: WorkerId,
    pub(crate) started_at: Time,
    pub(crate) scheduler: Arc<Scheduler>,
}

impl CacheOperator {
    /// Goes on telling the other workers of this one for as long as it lives, and warms it up if that is wished.
    pub(crate) fn start(self, warm_up: bool) -> Arc<Self> {
        let operator = Arc::new(self);
        tokio::spawn(workers::run(Arc::downgrade(&operator)));
        if warm_up {
            tokio::spawn(warm::at_start(Arc::clone(&operator)));
        }
        operator
    }

    fn worker(&self) -> Worker {
        let pulse = self.pulse();
        let (copies, copies_bytes) = pulse.copies;
        Worker {
            id: self.worker.to_string(),
            started_at: self.started_at,
            log_lag_ms: u64::try_from(pulse.log_lag.as_millis()).unwrap_or(u64::MAX),
            copies,
            copies_bytes,
            figures: Figures::of(&pulse.counts),
        }
    }
}

#[async_trait]
impl OperatorService for CacheOperator {
    async fn stats(&self, actor: &Actor) -> Result<CacheStats, OperatorError> {
        actor.require_admin()?;
        let redis = async {
            match &self.redis {
                Some(redis) => redis.figures(self.cache.prefix()).await.ok(),
                None => None,
            }
        };
        let (workers, redis) = tokio::join!(self.live_workers(), redis);
        let workers = Workers { live: workers.live, figures: Figures::of(&workers.counts) };
        Ok(CacheStats { worker: self.worker(), workers, redis })
    }

    fn policies(&self, actor: &Actor) -> Result<Vec<Policy>, Forbidden> {
        actor.require_admin()?;
        Ok(Type::ALL.into_iter().map(|of| self.policy(of)).collect())
    }

    async fn ping(&self, actor: &Actor) -> Result<Ping, OperatorError> {
        actor.require_admin()?;
        let started = Instant::now();
        let up = self.cache.answers().await;
        let layer = if self.cache.layer() == Layer::Redis { "redis" } else { "memory" };
        Ok(Ping { layer: layer.into(), up, ms: started.elapsed().as_secs_f64() * 1000.0 })
    }

    async fn inspect(&self, actor: &Actor, key: &str) -> Result<KeyFigures, OperatorError> {
        actor.require_admin()?;
        self.look_at(&Key::spelled(key).ok_or(OperatorError::UnknownKey)?).await
    }

    async fn clear(&self, actor: &Actor, what: Selection) -> Result<Cleared, OperatorError> {
        actor.require_admin()?;
        let pattern = match what {
            Selection::Type(name) => pattern_of(&name).ok_or(OperatorError::UnknownType)?,
            Selection::Pattern(pattern) => pattern,
        };
        // What all share goes first: a copy that is made in between is cleared with the others.
        let removed = self.cache.clear(&pattern).await?;
        let keys = Keys::of_pattern(&pattern);
        self.database.write(Keys::none(), move |_| async move { Ok::<_, Fault>(keys.touched_by(())) }).await?;
        Ok(Cleared { pattern, removed })
    }

    async fn warm(&self, actor: &Actor) -> Result<Warmed, OperatorError> {
        actor.require_admin()?;
        Ok(self.warm_up().await?)
    }

    async fn bump(&self, actor: &Actor, key: &str) -> Result<Bumped, OperatorError> {
        actor.require_admin()?;
        let keys = Keys::bumped(Key::spelled(key).ok_or(OperatorError::UnknownKey)?);
        self.database.write(keys.clone(), move |_| async move { Ok::<_, Fault>(keys.touched_by(())) }).await?;
        Ok(Bumped { key: key.to_owned() })
    }

    fn pulse(&self) -> Pulse {
        Pulse {
            counts: self.cache.stats.read(),
            redis_up: self.redis.as_ref().map(|redis| redis.is_used()),
            log_lag: self.cache.changes.lag(),
            copies: self.cache.copies().map_or((0, 0), super::shelf::Shelf::size),
            pools: self.database.pools(),
            duties: self.scheduler.figures(),
        }
    }
}

impl CacheOperator {
    fn policy(&self, of: Type) -> Policy {
        let policy = of.policy();
        let ttl = self.cache.ttls.of(of);
        Policy {
            name: policy.name.into(),
            key: policy.key.into(),
            ttl: ttl.as_secs(),
            absent_ttl: policy.absent.map(|absent| absent.min(ttl).as_secs()),
            stale_if_error: policy.stale.map(|stale| stale.as_secs()),
            class: if policy.class == Class::Strict { "strict" } else { "near" }.into(),
            shape: if policy.shape == Shape::Value { "value" } else { "pages" }.into(),
        }
    }
}

/// The pattern of a type's keys.
fn pattern_of(name: &str) -> Option<String> {
    let of = Type::ALL.into_iter().find(|of| of.policy().name == name)?;
    let parts = of.policy().key.split(':').map(|part| if part.starts_with('{') { "*" } else { part });
    Some(parts.collect::<Vec<_>>().join(":"))
}
