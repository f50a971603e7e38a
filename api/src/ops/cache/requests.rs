//! Requests of the cache's operators.

use domain::ops::Selection;
use poem_openapi::Object;
use serde_json::{Value, json};

use crate::http::body::RequestBody;
use crate::http::problem::{Problem, Result};
use crate::http::text::Line;

/// How many `*` a pattern may have; each makes the match slower.
const MAX_STARS: usize = 8;

/// The values to clear. Either `type` or `pattern` is required.
#[derive(Object)]
pub(super) struct ClearCache {
    /// A type, by its name in the policies.
    #[oai(rename = "type")]
    of: Option<Line<1, 50>>,
    /// Pattern of logical keys; `*` matches any characters, `?` matches one. A key without them matches itself.
    pattern: Option<Line<1, 500>>,
}

impl RequestBody for ClearCache {
    const MIN_FIELDS: usize = 1;

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

/// A key whose row was changed by hand.
#[derive(Object)]
pub(super) struct BumpCacheKey {
    /// The logical key, as the policies spell it.
    key: Line<1, 500>,
}

impl RequestBody for BumpCacheKey {
    fn example() -> Value {
        json!({"key": "generation:settings"})
    }
}

impl BumpCacheKey {
    pub(super) fn key(&self) -> &str {
        self.key.trim()
    }
}
