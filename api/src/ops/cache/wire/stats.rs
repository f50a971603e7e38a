//! The statistics of the cache on the wire.

use domain::Time;
use domain::ops;
use poem_openapi::Object;
use serde_json::{Value, json};

use crate::http::reply::ResponseBody;

/// The statistics of the cache.
#[derive(Object)]
pub(crate) struct CacheStats {
    worker: CacheWorker,
    workers: CacheWorkers,
    redis: Option<CacheRedis>,
}

/// The worker that answers, and what it counted since it started.
#[derive(Object)]
struct CacheWorker {
    /// Its name, new at each start.
    id: String,
    /// When it started.
    started_at: Time,
    /// Milliseconds since it began to read the change log for the last time.
    log_lag_ms: i64,
    /// Values in its memory.
    copies: i64,
    /// What these take, in bytes.
    copies_bytes: i64,
    total: CacheFigures,
    /// Each cached type.
    types: Vec<CacheFigures>,
}

/// All live workers, and what they counted since they started; that of others is up to a second old.
#[derive(Object)]
struct CacheWorkers {
    /// How many there are.
    live: i64,
    total: CacheFigures,
    /// Each cached type.
    types: Vec<CacheFigures>,
}

/// The figures of one type, or of `all`.
#[derive(Object)]
struct CacheFigures {
    /// The type's name in the policies.
    #[oai(rename = "type")]
    name: String,
    /// Reads served while their value was good.
    hits: i64,
    /// Of these, from the memory of a worker.
    hits_memory: i64,
    /// Of these, from Redis.
    hits_redis: i64,
    /// Reads that loaded their value, for no layer held it.
    misses: i64,
    /// Reads that shared another one's load.
    joined: i64,
    /// Reads that loaded without the cache, which did not answer or could not be judged.
    bypassed: i64,
    /// Reads served past their value's time, for the database did not answer.
    stale: i64,
    /// Reads whose load failed.
    failed: i64,
    /// Loaded values that the cache accepted.
    fills: i64,
    /// Loaded values that the cache refused, for a write came between.
    refused_fills: i64,
    /// Cached values that were not served, for a change came after their load.
    refused_values: i64,
    /// Keys that writes dropped.
    drops: i64,
    /// The share of reads that were hits; absent without reads.
    hit_rate: Option<f64>,
    load_ms: Option<CacheLoadTimes>,
}

/// How long loads took, in milliseconds; absent without loads.
#[derive(Object)]
struct CacheLoadTimes {
    /// The median.
    p50: f64,
    /// The 95th percentile.
    p95: f64,
    /// The 99th percentile.
    p99: f64,
}

/// How Redis is; of a cluster, its masters together. Absent when it does not answer or is not part of this deployment.
#[derive(Object)]
struct CacheRedis {
    /// Memory in use, in bytes.
    memory_bytes: i64,
    /// What it may take, in bytes; 0 without a limit.
    memory_limit_bytes: i64,
    /// Connected clients.
    clients: i64,
    /// Keys that it evicted for lack of memory.
    evicted_keys: i64,
    /// The latest slow commands, the newest first.
    slow_log: Vec<CacheSlowCommand>,
    /// The largest of our keys among those that were looked at.
    largest_keys: Vec<CacheLargeKey>,
    /// How many keys were looked at.
    scanned_keys: i64,
}

/// A command that Redis found slow.
#[derive(Object)]
struct CacheSlowCommand {
    /// When it ran.
    at: Time,
    /// How long it took, in microseconds.
    duration_us: i64,
    /// The command and the first of our keys in it, without values.
    command: String,
}

/// A key and what it takes.
#[derive(Object)]
struct CacheLargeKey {
    /// The physical key.
    key: String,
    /// Its size in Redis' memory, in bytes.
    bytes: i64,
}

fn figures(of: &str) -> Value {
    json!({
        "type": of, "hits": 990, "hits_memory": 600, "hits_redis": 390, "misses": 8, "joined": 2, "bypassed": 0, "stale": 0,
        "failed": 0, "fills": 8, "refused_fills": 0, "refused_values": 1, "drops": 4, "hit_rate": 0.99,
        "load_ms": {"p50": 0.8, "p95": 1.9, "p99": 2.4},
    })
}

impl ResponseBody for CacheStats {
    type View = ops::CacheStats;

    fn example() -> Value {
        json!({
            "worker": {
                "id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D", "started_at": "2027-01-31T10:00:00Z", "log_lag_ms": 42, "copies": 60,
                "copies_bytes": 90_000, "total": figures("all"), "types": [figures("character")],
            },
            "workers": {"live": 2, "total": figures("all"), "types": [figures("character")]},
            "redis": {
                "memory_bytes": 2_000_000, "memory_limit_bytes": 268_435_456, "clients": 5, "evicted_keys": 0,
                "slow_log": [{"at": "2027-01-31T10:00:00Z", "duration_us": 12_000, "command": "GET atelier:{characters:list}"}],
                "largest_keys": [{"key": "atelier:{characters:list}", "bytes": 18_000}], "scanned_keys": 120,
            },
        })
    }
}
