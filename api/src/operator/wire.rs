//! The cache on the wire.

use domain::Time;
use domain::operator::{self, Selection};
use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::body::Takes;
use crate::problem::{Problem, Result};
use crate::reply::Shows;
use crate::text::Line;

/// How often `*` may stand in a pattern: each makes it dearer to match.
const MAX_STARS: usize = 8;

/// What to clear: one of the two.
#[derive(Object)]
pub(super) struct ClearCache {
    /// A type, by its name in the policies.
    #[oai(rename = "type")]
    of: Option<Line<1, 50>>,
    /// Logical keys; `*` stands for any characters, `?` for one. A key without them means itself.
    pattern: Option<Line<1, 500>>,
}

impl Takes for ClearCache {
    fn example() -> Value {
        json!({"pattern": "character:*"})
    }
}

impl ClearCache {
    pub(super) fn selection(&self) -> Result<Selection> {
        match (&self.of, &self.pattern) {
            (Some(of), None) => Ok(Selection::Type(of.trim().to_owned())),
            (None, Some(pattern)) if pattern.matches('*').count() > MAX_STARS => {
                Err(Problem::invalid_at("/pattern", format!("must have at most {MAX_STARS} stars")))
            }
            (None, Some(pattern)) => Ok(Selection::Pattern(pattern.trim().to_owned())),
            _ => Err(Problem::invalid_at("", "must have either `type` or `pattern`")),
        }
    }
}

/// A key that was changed by hand.
#[derive(Object)]
pub(super) struct BumpKey {
    /// The logical key, as the policies spell it.
    key: Line<1, 500>,
}

impl Takes for BumpKey {
    fn example() -> Value {
        json!({"key": "generation:settings"})
    }
}

impl BumpKey {
    pub(super) fn key(&self) -> &str {
        self.key.trim()
    }
}

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

impl Shows for CacheStats {
    type View = operator::CacheStats;

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

/// The policies in force.
#[derive(Object)]
pub(crate) struct CachePolicies {
    /// Each cached type.
    items: Vec<CachePolicy>,
}

/// The policies in force, as they are served.
#[derive(Serialize, Deserialize)]
pub(crate) struct Policies {
    pub(super) items: Vec<operator::Policy>,
}

/// How a cached type lives.
#[derive(Object)]
struct CachePolicy {
    /// The type's name.
    #[oai(rename = "type")]
    name: String,
    /// The logical key, with its parts in braces.
    key: String,
    /// Time to live, in seconds; each value's own differs by up to a tenth.
    ttl: i64,
    /// For how long it is known that there is nothing, in seconds; absent when that is not kept.
    absent_ttl: Option<i64>,
    /// For how long after its time it may be served if the database does not answer, in seconds; absent when it is not.
    stale_if_error: Option<i64>,
    /// `strict`: a change is seen at once; `near`: soon.
    class: String,
    /// `value`: one string in Redis; `pages`: a hash with a field for each page.
    shape: String,
}

impl Shows for CachePolicies {
    type View = Policies;

    fn example() -> Value {
        json!({"items": [{
            "type": "character", "key": "character:{name}", "ttl": 1800, "absent_ttl": 60, "stale_if_error": 21_600, "class": "near",
            "shape": "value",
        }]})
    }
}

/// How the store that all workers share answers.
#[derive(Object)]
pub(crate) struct CachePing {
    /// `redis`, or `memory` without it.
    layer: String,
    /// Whether it answered.
    up: bool,
    /// How long that took, in milliseconds.
    ms: f64,
}

impl Shows for CachePing {
    type View = operator::Ping;

    fn example() -> Value {
        json!({"layer": "redis", "up": true, "ms": 0.3})
    }
}

/// What is known of one logical key.
#[derive(Object)]
pub(crate) struct CacheKey {
    /// The logical key.
    key: String,
    /// The type it belongs to.
    #[oai(rename = "type")]
    name: String,
    /// Its name in Redis.
    physical_key: String,
    redis: Option<CacheRedisKey>,
    /// What the memory of the worker that answers holds under it, page by page.
    memory: Vec<CacheHeld>,
}

/// What Redis holds under a key; absent when that is nothing.
#[derive(Object)]
struct CacheRedisKey {
    /// Milliseconds left to live.
    ttl_ms: i64,
    /// Its size in Redis' memory, in bytes.
    bytes: i64,
    /// Its values, page by page.
    values: Vec<CacheHeld>,
}

/// The header of a value.
#[derive(Object)]
struct CacheHeld {
    /// The page; absent for a type that is one value.
    page: Option<String>,
    /// Which fill it came from.
    fill_id: String,
    /// When it was loaded.
    stored_at: Time,
    /// Until when it may be served.
    valid_until: Time,
    /// The change log's horizon before its load.
    stamp: i64,
    /// How long its load took, in milliseconds.
    load_ms: i64,
    /// Its entity tag; absent when it records that there is nothing.
    etag: Option<String>,
    /// The size of its payload, in bytes.
    bytes: i64,
    /// `serve`; `refuse` when it is past its time or a change came after it; `blind` while the change log cannot be read.
    verdict: String,
}

impl Shows for CacheKey {
    type View = operator::KeyFigures;

    fn example() -> Value {
        let held = json!({
            "page": "[null,20,null]", "fill_id": "00112233445566778899aabbccddeeff", "stored_at": "2027-01-31T10:00:00Z",
            "valid_until": "2027-01-31T10:30:00Z", "stamp": 1234, "load_ms": 1, "etag": "6f1ed002ab5595859014ebf0951522d9",
            "bytes": 18_000, "verdict": "serve",
        });
        json!({
            "key": "characters:list", "type": "characters_list", "physical_key": "atelier:{characters:list}",
            "redis": {"ttl_ms": 1_700_000, "bytes": 19_000, "values": [held]}, "memory": [held],
        })
    }
}

/// What was cleared.
#[derive(Object)]
pub(crate) struct Cleared {
    /// The pattern of logical keys that every worker's copies were cleared by.
    pattern: String,
    /// Keys that were removed from what all workers share.
    removed: i64,
}

impl Shows for Cleared {
    type View = operator::Cleared;

    fn example() -> Value {
        json!({"pattern": "character:*", "removed": 40})
    }
}

/// What a warm-up did.
#[derive(Object)]
pub(crate) struct Warmed {
    /// Characters that were loaded and kept.
    loaded: i64,
    /// Characters that were warm already.
    present: i64,
}

impl Shows for Warmed {
    type View = operator::Warmed;

    fn example() -> Value {
        json!({"loaded": 12, "present": 88})
    }
}

/// A key that every worker must load anew.
#[derive(Object)]
pub(crate) struct Bumped {
    /// The logical key.
    key: String,
}

impl Shows for Bumped {
    type View = operator::Bumped;

    fn example() -> Value {
        json!({"key": "generation:settings"})
    }
}
