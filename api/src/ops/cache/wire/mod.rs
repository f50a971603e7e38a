//! The cache on the wire. Its statistics are in `stats`, one key in `key`.

mod key;
mod stats;

use domain::ops;
use domain::ops::Selection;
use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::http::body::RequestBody;
use crate::http::problem::{Problem, Result};
use crate::http::reply::ResponseBody;
use crate::http::text::Line;

pub(crate) use key::CacheKey;
pub(crate) use stats::CacheStats;

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

impl RequestBody for ClearCache {
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

impl RequestBody for BumpKey {
    fn example() -> Value {
        json!({"key": "generation:settings"})
    }
}

impl BumpKey {
    pub(super) fn key(&self) -> &str {
        self.key.trim()
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
    pub(super) items: Vec<ops::Policy>,
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

impl ResponseBody for CachePolicies {
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

impl ResponseBody for CachePing {
    type View = ops::Ping;

    fn example() -> Value {
        json!({"layer": "redis", "up": true, "ms": 0.3})
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

impl ResponseBody for Cleared {
    type View = ops::Cleared;

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

impl ResponseBody for Warmed {
    type View = ops::Warmed;

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

impl ResponseBody for Bumped {
    type View = ops::Bumped;

    fn example() -> Value {
        json!({"key": "generation:settings"})
    }
}
