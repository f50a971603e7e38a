//! The figures of the cache that an operator is shown.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::counts::{Counts, Event};
use crate::Time;

/// The figures of one type, or of all of them.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CacheFigures")]
pub struct TypeStatistics {
    /// The type's name in the policy table; `all` for their sum.
    #[serde(rename = "type")]
    pub name: String,
    /// Reads served while their value was good.
    pub hits: u64,
    /// Of these, from a copy in a worker's memory.
    pub hits_memory: u64,
    /// Of these, from Redis.
    pub hits_redis: u64,
    /// Reads that loaded their value, for no layer held it.
    pub misses: u64,
    /// Reads that shared another one's load.
    pub joined: u64,
    /// Reads that loaded without the cache, which did not answer or could not be judged.
    pub bypassed: u64,
    /// Reads served past their value's time, for the database did not answer.
    pub stale: u64,
    /// Reads whose load failed.
    pub failed: u64,
    /// Loaded values that the cache accepted.
    pub fills: u64,
    /// Loaded values that the cache refused, for a write came between.
    pub refused_fills: u64,
    /// Cached values that were not served, for a change came after their load.
    pub refused_values: u64,
    /// Keys that writes dropped.
    pub drops: u64,
    /// The share of reads that were hits; absent without reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hit_rate: Option<f64>,
    /// How long loads took, in milliseconds; absent without loads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load_ms: Option<Quantiles>,
}

/// Times that half, 95 % and 99 % did not exceed, in milliseconds.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CacheLoadTimes")]
pub struct Quantiles {
    /// The median.
    pub p50: f64,
    /// The 95th percentile.
    pub p95: f64,
    /// The 99th percentile.
    pub p99: f64,
}

impl TypeStatistics {
    /// The figures that follow from counts.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a share")]
    pub fn of(name: &str, counts: &Counts) -> Self {
        let (loads, reads) = (&counts.loads, counts.reads());
        let quantiles = [0.5, 0.95, 0.99].map(|share| loads.quantile_ms(share));
        Self {
            name: name.to_owned(),
            hits: counts.hits(),
            hits_memory: counts.of(Event::HitMemory),
            hits_redis: counts.of(Event::HitRedis),
            misses: counts.of(Event::Miss),
            joined: counts.of(Event::Joined),
            bypassed: counts.of(Event::Bypassed),
            stale: counts.of(Event::Stale),
            failed: counts.of(Event::Failed),
            fills: counts.of(Event::Fill),
            refused_fills: counts.of(Event::RefusedFill),
            refused_values: counts.of(Event::RefusedValue),
            drops: counts.of(Event::Drop),
            hit_rate: (reads > 0).then(|| counts.hits() as f64 / reads as f64),
            load_ms: if let [Some(p50), Some(p95), Some(p99)] = quantiles { Some(Quantiles { p50, p95, p99 }) } else { None },
        }
    }
}

/// The counts of every type, by name.
pub type CountsByType = BTreeMap<String, Counts>;

/// The figures of one worker, or of several.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Statistics {
    /// All types together.
    pub total: TypeStatistics,
    /// Each type.
    pub types: Vec<TypeStatistics>,
}

impl Statistics {
    /// The figures that follow from counts.
    #[must_use]
    pub fn of(counts: &CountsByType) -> Self {
        let mut total = Counts::default();
        for more in counts.values() {
            total.add(more);
        }
        let types = counts.iter().map(|(name, counts)| TypeStatistics::of(name, counts)).collect();
        Self { total: TypeStatistics::of("all", &total), types }
    }
}

/// What one worker has counted since it started.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CacheWorker")]
pub struct Worker {
    /// Its name, new at each start.
    pub id: String,
    /// When it started.
    pub started_at: Time,
    /// Milliseconds since it began to read the change log for the last time.
    pub log_lag_ms: u64,
    /// Copies in its memory.
    pub copies: u64,
    /// What these copies take, in bytes.
    pub copies_bytes: u64,
    /// What it counted.
    #[serde(flatten)]
    pub statistics: Statistics,
}

/// What all live workers have counted together.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CacheWorkers")]
pub struct Workers {
    /// How many there are.
    pub live: u64,
    /// What they counted, each since it started; that of others is up to a second old.
    #[serde(flatten)]
    pub statistics: Statistics,
}

/// The statistics of the cache.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CacheStats {
    /// The worker that answers.
    pub worker: Worker,
    /// All live workers.
    pub workers: Workers,
    /// Redis; absent when it does not answer or is not part of this deployment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redis: Option<RedisStatistics>,
}

/// How Redis is; of a cluster, its masters together.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CacheRedis")]
pub struct RedisStatistics {
    /// Memory in use, in bytes.
    pub memory_bytes: u64,
    /// What it may take, in bytes; 0 without a limit.
    pub memory_limit_bytes: u64,
    /// Connected clients.
    pub clients: u64,
    /// Keys that it evicted for lack of memory.
    pub evicted_keys: u64,
    /// The latest slow commands, the newest first.
    pub slow_log: Vec<SlowCommand>,
    /// The largest of our keys among those that were looked at.
    pub largest_keys: Vec<LargeKey>,
    /// How many keys were looked at.
    pub scanned_keys: u64,
}

/// A command that Redis found slow.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CacheSlowCommand")]
pub struct SlowCommand {
    /// When it ran.
    pub at: Time,
    /// How long it took, in microseconds.
    pub duration_us: u64,
    /// The command and its first key, without values.
    pub command: String,
}

/// A key and what it takes.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CacheLargeKey")]
pub struct LargeKey {
    /// The physical key.
    pub key: String,
    /// Its size in Redis' memory, in bytes.
    pub bytes: u64,
}
