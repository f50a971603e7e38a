//! What workers publish through Redis: the counts of each, and which characters are read most.

use std::sync::{LazyLock, Weak};

use domain::ops::CountsByType;
use fred::interfaces::{KeysInterface, SortedSetsInterface};
use fred::types::scripts::Script;

use super::CacheOperator;
use crate::cache::{RedisStore, StoreUnavailable, timing};

/// How many characters' reads are kept.
const MAX_READ: i64 = 1000;
/// A day, in seconds.
const DAY: i64 = 86_400;

static PUBLISH_SCRIPT: LazyLock<Script> = LazyLock::new(|| Script::from_lua(include_str!("publish_counts.lua")));

/// All live workers.
pub(super) struct Live {
    pub(super) live: u64,
    pub(super) counts: CountsByType,
}

/// Publishes the counts of this worker each second.
pub(super) async fn run(operator: Weak<CacheOperator>) {
    while let Some(operator) = operator.upgrade() {
        let Some(redis) = &operator.redis else { return };
        // StoreUnavailable is not news here: the breaker has told of it.
        let _ = operator.publish_counts(redis).await;
        let _ = operator.publish_reads(redis).await;
        drop(operator);
        tokio::time::sleep(timing::BEAT).await;
    }
}

impl CacheOperator {
    /// What all live workers have counted; without Redis this worker alone.
    pub(super) async fn live_workers(&self) -> Live {
        let alone = || Live { live: 1, counts: self.cache.stats().read() };
        match &self.redis {
            Some(redis) => self.publish_counts(redis).await.map_or_else(|_| alone(), sum),
            None => alone(),
        }
    }

    async fn publish_counts(&self, redis: &RedisStore) -> Result<Vec<CountsByType>, StoreUnavailable> {
        let counted = serde_json::to_string(&self.cache.stats().read()).map_err(|error| StoreUnavailable(error.to_string()))?;
        let key = format!("{}{{workers}}", self.cache.prefix());
        let args = vec![self.worker.to_string(), counted, timing::ALIVE.as_millis().to_string()];
        let live: Vec<String> = redis.run(&PUBLISH_SCRIPT, vec![key], args.into_iter().map(Into::into).collect()).await?;
        // Another release may count otherwise; then it is left out.
        Ok(live.iter().filter_map(|counted| serde_json::from_str(counted).ok()).collect())
    }

    /// Adds the reads that this worker counted to those of all workers.
    async fn publish_reads(&self, redis: &RedisStore) -> Result<(), StoreUnavailable> {
        let reads = self.readership.take();
        if reads.is_empty() {
            return Ok(());
        }
        let key = self.reads_key(0);
        for (name, reads) in reads {
            let reads = f64::from(u32::try_from(reads).unwrap_or(u32::MAX));
            redis.ask(redis.client().zincrby::<(), _, _>(&key, reads, name)).await?;
        }
        redis.ask(redis.client().zremrangebyrank::<(), _>(&key, 0, -MAX_READ - 1)).await?;
        redis.ask(redis.client().expire::<(), _>(&key, timing::READS.as_secs().cast_signed(), None)).await
    }

    /// The names that were read most today and yesterday, as far as they were counted.
    pub(super) async fn most_read(&self, names: usize) -> Vec<String> {
        let Some(redis) = &self.redis else { return self.readership.top(names) };
        let last = i64::try_from(names).unwrap_or(i64::MAX) - 1;
        let day = |ago| redis.ask(redis.client().zrevrange::<Vec<String>, _>(self.reads_key(ago), 0, last, false));
        let (today, yesterday) = tokio::join!(day(0), day(1));
        today.unwrap_or_default().into_iter().chain(yesterday.unwrap_or_default()).collect()
    }

    fn reads_key(&self, days_ago: i64) -> String {
        format!("{}{{reads}}:{}", self.cache.prefix(), self.clock.now().timestamp() / DAY - days_ago)
    }
}

fn sum(workers: Vec<CountsByType>) -> Live {
    let live = workers.len() as u64;
    let mut counts = CountsByType::new();
    for (name, more) in workers.into_iter().flatten() {
        counts.entry(name).or_default().add(&more);
    }
    Live { live, counts }
}
