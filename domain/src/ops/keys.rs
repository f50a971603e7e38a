//! What an operator is shown of policies and single keys, and what may be done to these.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Time;

/// A policy in force.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CachePolicy")]
pub struct Policy {
    /// The type's name.
    #[serde(rename = "type")]
    pub name: Cow<'static, str>,
    /// The logical key, with its parts in braces.
    pub key: Cow<'static, str>,
    /// Time to live, in seconds.
    pub ttl: u64,
    /// For how long it is known that there is nothing, in seconds; absent when that is not kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub absent_ttl: Option<u64>,
    /// For how long after its time it may be served if the database does not answer, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stale_if_error: Option<u64>,
    /// `strict` or `near`.
    pub class: Cow<'static, str>,
    /// `value` or `pages`.
    pub shape: Cow<'static, str>,
}

/// How the store answers.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CachePing")]
pub struct Ping {
    /// The layer that keeps what all workers share: `redis`, or `memory` without it.
    pub layer: Cow<'static, str>,
    /// Whether it answered.
    pub up: bool,
    /// How long that took, in milliseconds.
    pub ms: f64,
}

/// What is known of one logical key.
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
    /// What Redis holds under it; absent when that is nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redis: Option<RedisKey>,
    /// What this worker's memory holds under it, page by page.
    pub memory: Vec<HeldValue>,
}

/// A key in Redis.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CacheRedisKey")]
pub struct RedisKey {
    /// Milliseconds left to live.
    pub ttl_ms: i64,
    /// Its size in Redis' memory, in bytes.
    pub bytes: u64,
    /// Its values, page by page.
    pub values: Vec<HeldValue>,
}

/// The header of a value.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CacheHeld")]
pub struct HeldValue {
    /// The page; absent for a type that is one value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// Which fill it came from.
    pub fill_id: String,
    /// When it was loaded.
    pub stored_at: Time,
    /// Until when it may be served.
    pub valid_until: Time,
    /// The change log's horizon before its load.
    pub stamp: i64,
    /// How long its load took, in milliseconds.
    pub load_ms: u64,
    /// Its entity tag; absent when it records that there is nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// The size of its payload, in bytes.
    pub bytes: u64,
    /// `serve`; `refuse` when it is past its time or a change came after it; `blind` while the change log cannot be read.
    pub verdict: Cow<'static, str>,
}

/// What to clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// A type, by its name in the policy table.
    Type(String),
    /// Logical keys that match; `*` stands for any characters, `?` for one.
    Pattern(String),
}

/// What was cleared.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Cleared {
    /// The pattern of logical keys that every worker's copies were cleared by.
    pub pattern: String,
    /// Keys that were removed from what all workers share.
    pub removed: u64,
}

/// What a warm-up did.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct Warmed {
    /// Values that were loaded and kept.
    pub loaded: u64,
    /// Values that were warm already.
    pub present: u64,
}

/// A key that every worker must load anew.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Bumped {
    /// The logical key.
    pub key: String,
}
