//! Cache policies and single keys: the operator's views, and the results of commands.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Time;

/// The policy of a cached type.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CachePolicy")]
pub struct Policy {
    /// The type's name.
    #[serde(rename = "type")]
    pub name: Cow<'static, str>,
    /// The logical key, with its parts in braces.
    pub key: Cow<'static, str>,
    /// Time to live, in seconds; that of a single value differs by up to a tenth.
    pub ttl: u64,
    /// Time to live of a cached absence, in seconds; absent when absences are not cached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub absent_ttl: Option<u64>,
    /// Seconds after its time to live in which a value may be served while the database does not answer; absent when it may not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stale_if_error: Option<u64>,
    /// `strict`: every worker serves a change at once; `near`: soon.
    pub class: Cow<'static, str>,
    /// `value`: one string in Redis; `pages`: a hash with a field per page.
    pub shape: Cow<'static, str>,
}

/// The answer of the shared store.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CachePing")]
pub struct Ping {
    /// The store that all workers share: `redis`, or `memory` without it.
    pub layer: Cow<'static, str>,
    /// Whether it answered.
    pub up: bool,
    /// Duration in milliseconds.
    pub ms: f64,
}

/// The cached values of one logical key.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CacheKey")]
pub struct KeyDetails {
    /// The logical key.
    pub key: String,
    /// The type it belongs to.
    #[serde(rename = "type")]
    pub name: Cow<'static, str>,
    /// Its name in Redis.
    pub physical_key: String,
    /// What Redis holds for the key; absent when it holds nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redis: Option<RedisKey>,
    /// Values in the memory of the answering worker, page by page.
    pub memory: Vec<HeldValue>,
}

/// A key in Redis; absent when Redis holds nothing.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CacheRedisKey")]
pub struct RedisKey {
    /// Remaining time to live, in milliseconds.
    pub ttl_ms: i64,
    /// Size in the memory of Redis, in bytes.
    pub bytes: u64,
    /// Its values, page by page.
    pub values: Vec<HeldValue>,
}

/// The header of a cached value.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CacheHeld")]
pub struct HeldValue {
    /// The page; absent for types with a single value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// Identifier of the fill that stored it.
    pub fill_id: String,
    /// When it was loaded.
    pub stored_at: Time,
    /// Until when it may be served.
    pub valid_until: Time,
    /// The change log's horizon before its load.
    pub stamp: i64,
    /// Duration of the load, in milliseconds.
    pub load_ms: u64,
    /// Entity tag; absent for a cached absence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// Size of the payload, in bytes.
    pub bytes: u64,
    /// `serve`: valid; `refuse`: expired or invalidated by a later change; `blind`: the change log cannot be read.
    pub verdict: Cow<'static, str>,
}

/// The selection of keys to clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// All keys of a type, by the type's name in the policy table.
    Type(String),
    /// Logical keys that match a pattern; `*` matches any characters, `?` matches one.
    Pattern(String),
}

/// The result of clearing the cache.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Cleared {
    /// The pattern of logical keys that was cleared on every worker.
    pub pattern: String,
    /// Keys removed from the shared store.
    pub removed: u64,
}

/// The result of warming the cache.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct Warmed {
    /// Characters that were loaded and cached.
    pub loaded: u64,
    /// Characters that were cached already.
    pub present: u64,
}

/// A key that every worker must load again.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Bumped {
    /// The logical key.
    pub key: String,
}
