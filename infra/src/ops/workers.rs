//! The data that workers publish in Redis: the counts of each worker, and the characters that are read most.

use std::sync::{LazyLock, Weak};
use std::time::Duration;

use domain::ops::CountsByType;
use fred::interfaces::{KeysInterface, SortedSetsInterface};
use fred::types::scripts::Script;

use super::CacheOperator;
use crate::cache::{RedisStore, StoreUnavailable};

/// The maximum number of characters whose reads are kept per day.
const MAX_READ: i64 = 1000;
/// Seconds of a day.
const DAY: i64 = 86_400;
/// The interval between publications.
const INTERVAL: Duration = Duration::from_secs(1);
/// How long a worker counts as live after a publication.
const LIVE: Duration = Duration::from_secs(5);
/// Expiry of the counts of one day's reads in Redis. It includes the next day.
const READS_EXPIRY: Duration = Duration::from_hours(48);

static PUBLISH_SCRIPT: LazyLock<Script> = LazyLock::new(|| Script::from_lua(include_str!("publish_counts.lua")));

/// Publishes the counts of this worker every second until the operator is dropped, and states the identity of its Redis.
pub(super) async fn run(operator: Weak<CacheOperator>) {
    while let Some(operator) = operator.upgrade() {
        let Some(redis) = &operator.redis else { return };
        operator.workers.identify_redis(redis).await;
        // Outages are ignored here: the breaker has logged them.
        let _ = operator.publish_counts(redis).await;
        let _ = operator.publish_reads(redis).await;
        drop(operator);
        tokio::time::sleep(INTERVAL).await;
    }
}

impl CacheOperator {
    /// The sum of the counts of all workers that publish them. Without Redis the counts of this worker.
    pub(super) async fn counts_of_all(&self) -> CountsByType {
        let this_worker = || self.cache.stats().read();
        match &self.redis {
            Some(redis) => self.publish_counts(redis).await.map_or_else(|_| this_worker(), sum),
            None => this_worker(),
        }
    }

    /// Publishes the counts of this worker. Returns those of all live workers.
    async fn publish_counts(&self, redis: &RedisStore) -> Result<Vec<CountsByType>, StoreUnavailable> {
        let counts = serde_json::to_string(&self.cache.stats().read()).map_err(|error| StoreUnavailable(error.to_string()))?;
        let key = format!("{}{{workers}}", self.cache.prefix());
        let args = vec![self.workers.id().to_string(), counts, LIVE.as_millis().to_string()];
        let live: Vec<String> = redis.run(&PUBLISH_SCRIPT, vec![key], args.into_iter().map(Into::into).collect()).await?;
        // The counts of another release may have another format. Such workers are skipped.
        Ok(live.iter().filter_map(|counts| serde_json::from_str(counts).ok()).collect())
    }

    /// Adds the reads that this worker counted to the counts of all workers.
    async fn publish_reads(&self, redis: &RedisStore) -> Result<(), StoreUnavailable> {
        let reads = self.readership.take();
        if reads.is_empty() {
            return Ok(());
        }
        let key = self.reads_key(0);
        for (id, reads) in reads {
            let reads = f64::from(u32::try_from(reads).unwrap_or(u32::MAX));
            redis.ask(redis.client().zincrby::<(), _, _>(&key, reads, id)).await?;
        }
        redis.ask(redis.client().zremrangebyrank::<(), _>(&key, 0, -MAX_READ - 1)).await?;
        redis.ask(redis.client().expire::<(), _>(&key, READS_EXPIRY.as_secs().cast_signed(), None)).await
    }

    /// The identifiers of the characters that were read most today and yesterday, by the sampled counts.
    pub(super) async fn most_read(&self, count: usize) -> Vec<String> {
        let Some(redis) = &self.redis else { return self.readership.top(count) };
        let last = i64::try_from(count).unwrap_or(i64::MAX) - 1;
        let day = |ago| redis.ask(redis.client().zrevrange::<Vec<String>, _>(self.reads_key(ago), 0, last, false));
        let (today, yesterday) = tokio::join!(day(0), day(1));
        today.unwrap_or_default().into_iter().chain(yesterday.unwrap_or_default()).collect()
    }

    fn reads_key(&self, days_ago: i64) -> String {
        format!("{}{{reads}}:{}", self.cache.prefix(), self.clock.now().timestamp() / DAY - days_ago)
    }
}

fn sum(workers: Vec<CountsByType>) -> CountsByType {
    let mut counts = CountsByType::new();
    for (name, more) in workers.into_iter().flatten() {
        counts.entry(name).or_default().add(&more);
    }
    counts
}
