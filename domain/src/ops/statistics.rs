//! The cache statistics for operators.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::counts::{Counts, Event};
use crate::Time;

/// The statistics of one cached type, or of all types.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CacheFigures")]
pub struct TypeStatistics {
    /// Name of the type in the policies; `all` for the sum.
    #[serde(rename = "type")]
    pub name: String,
    /// Reads served from a valid cached value.
    pub hits: u64,
    /// Hits in the memory of a worker.
    pub hits_memory: u64,
    /// Hits in Redis.
    pub hits_redis: u64,
    /// Reads that loaded their value because no layer held it.
    pub misses: u64,
    /// Reads that shared the load of another read.
    pub joined: u64,
    /// Reads that bypassed the cache because it did not answer or its values could not be verified.
    pub bypassed: u64,
    /// Reads served from an expired value because the database did not answer.
    pub stale: u64,
    /// Reads whose load failed.
    pub failed: u64,
    /// Loaded values that were cached.
    pub fills: u64,
    /// Loaded values that were not cached because a write intervened or the lease was lost.
    pub refused_fills: u64,
    /// Cached values that were not served because a later change invalidated them.
    pub refused_values: u64,
    /// Keys that writes invalidated.
    pub drops: u64,
    /// Share of reads that were hits; absent without reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hit_rate: Option<f64>,
    /// Duration of loads; absent without loads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load_ms: Option<Quantiles>,
}

/// Percentiles of the duration of loads, in milliseconds; absent without loads.
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
    /// Computes the statistics from event counts.
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

/// Event counts of every cached type, by its name.
pub type CountsByType = BTreeMap<String, Counts>;

/// The statistics of one worker, or of several.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Statistics {
    /// All types together.
    pub total: TypeStatistics,
    /// Every cached type.
    pub types: Vec<TypeStatistics>,
}

impl Statistics {
    /// Computes the statistics from event counts.
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

/// The answering worker and its statistics since its start.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CacheWorker")]
pub struct Worker {
    /// Name of the worker, new at every start.
    pub id: String,
    /// When the worker started.
    pub started_at: Time,
    /// Milliseconds since the start of its last read of the change log.
    pub log_lag_ms: u64,
    /// Values in its memory.
    pub copies: u64,
    /// Size of these values, in bytes.
    pub copies_bytes: u64,
    /// Its statistics.
    #[serde(flatten)]
    pub statistics: Statistics,
}

/// The sum of all live workers since their starts. The counts of other workers are up to a second old.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CacheWorkers")]
pub struct Workers {
    /// Number of live workers.
    pub live: u64,
    /// Their statistics.
    #[serde(flatten)]
    pub statistics: Statistics,
}

/// The statistics of the cache.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CacheStats {
    /// The answering worker.
    pub worker: Worker,
    /// All live workers.
    pub workers: Workers,
    /// Redis; absent when it does not answer or is not used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redis: Option<RedisStatistics>,
}

/// The statistics of Redis; of a cluster, the sum of its masters. Absent when Redis does not answer or is not used.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CacheRedis")]
pub struct RedisStatistics {
    /// Used memory, in bytes.
    pub memory_bytes: u64,
    /// Memory limit, in bytes; 0 without a limit.
    pub memory_limit_bytes: u64,
    /// Connected clients.
    pub clients: u64,
    /// Keys evicted because of the memory limit.
    pub evicted_keys: u64,
    /// Latest slow commands, the newest first.
    pub slow_log: Vec<SlowCommand>,
    /// Largest keys among the scanned ones.
    pub largest_keys: Vec<LargeKey>,
    /// Number of scanned keys.
    pub scanned_keys: u64,
}

/// A command in the slow log of Redis.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CacheSlowCommand")]
pub struct SlowCommand {
    /// When it ran.
    pub at: Time,
    /// Duration in microseconds.
    pub duration_us: u64,
    /// The command and its first key, without values.
    pub command: String,
}

/// A key and its size.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CacheLargeKey")]
pub struct LargeKey {
    /// The physical key.
    pub key: String,
    /// Size in the memory of Redis, in bytes.
    pub bytes: u64,
}
