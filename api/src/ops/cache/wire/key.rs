//! One key of the cache on the wire.

use domain::Time;
use domain::ops;
use poem_openapi::Object;
use serde_json::{Value, json};

use crate::http::reply::ResponseBody;

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

impl ResponseBody for CacheKey {
    type View = ops::KeyDetails;

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
