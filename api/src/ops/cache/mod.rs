//! The cache, for operators.

mod examples;
mod requests;

use std::sync::Arc;

use domain::ops::{Bumped, CacheStats, Cleared, KeyDetails, OperatorError, OperatorService, Ping, Policy, Warmed};
use poem_openapi::OpenApi;
use poem_openapi::param::Path;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::http::body::Body;
use crate::http::principal::Administrator;
use crate::http::problem::{Kind, Problem, Result};
use crate::http::reply::{Reply, Secret};
use crate::http::tags::Tag;
use crate::http::text::Line;

use requests::{BumpCacheKey, ClearCache};

/// The policies in force.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CachePolicies")]
pub(crate) struct Policies {
    /// Every cached type.
    items: Vec<Policy>,
}

/// Operations on the cache.
pub(crate) struct OperatorApi(pub(crate) Arc<dyn OperatorService>);

#[OpenApi(tag = "Tag::Admin")]
impl OperatorApi {
    /// Read the cache's statistics
    ///
    /// Those of the worker that answers, the sum of all live workers, and those of Redis.
    #[oai(path = "/v1/admin/cache/stats", method = "get", operation_id = "getCacheStats")]
    async fn stats(&self, actor: Administrator) -> Result<Reply<CacheStats, Secret>> {
        Ok(Reply::of(&self.0.stats(&actor).await?)?)
    }

    /// Read the cache's policies
    ///
    /// Every cached type with its times in force.
    #[oai(path = "/v1/admin/cache/policies", method = "get", operation_id = "getCachePolicies")]
    #[expect(clippy::unused_async, reason = "the macro wants it")]
    async fn policies(&self, actor: Administrator) -> Result<Reply<Policies, Secret>> {
        Ok(Reply::of(&Policies { items: self.0.policies(&actor)? })?)
    }

    /// Check whether the cache answers
    ///
    /// One round trip to Redis, or to memory without it, with its duration.
    #[oai(path = "/v1/admin/cache/ping", method = "get", operation_id = "pingCache")]
    async fn ping(&self, actor: Administrator) -> Result<Reply<Ping, Secret>> {
        Ok(Reply::of(&self.0.ping(&actor).await?)?)
    }

    /// Inspect a key
    ///
    /// The values that Redis and the answering worker hold for it. A key that was not read lately has none.
    #[oai(path = "/v1/admin/cache/keys/:key", method = "get", operation_id = "getCacheKey")]
    async fn key(
        &self,
        actor: Administrator,
        /// The logical key, as the policies spell it.
        key: Path<Line<1, 500>>,
    ) -> Result<Reply<KeyDetails, Secret>> {
        Ok(Reply::of(&self.0.inspect(&actor, &key).await?)?)
    }

    /// Clear cached values
    ///
    /// On every worker, by type or by pattern. The next reads load their values again; nothing is lost.
    #[oai(path = "/v1/admin/cache/clear", method = "post", operation_id = "clearCache")]
    async fn clear(&self, actor: Administrator, body: Body<ClearCache>) -> Result<Reply<Cleared, Secret>> {
        Ok(Reply::of(&self.0.clear(&actor, body.0.selection()?).await?)?)
    }

    /// Warm the cache up
    ///
    /// Loads the public list, the generation settings and the most read characters, unless they are cached.
    #[oai(path = "/v1/admin/cache/warm", method = "post", operation_id = "warmCache")]
    async fn warm(&self, actor: Administrator) -> Result<Reply<Warmed, Secret>> {
        Ok(Reply::of(&self.0.warm(&actor).await?)?)
    }

    /// Record a change of a key
    ///
    /// For rows that were changed by hand. No worker serves an older value afterwards.
    #[oai(path = "/v1/admin/cache/bump", method = "post", operation_id = "bumpCacheKey")]
    async fn bump(&self, actor: Administrator, body: Body<BumpCacheKey>) -> Result<Reply<Bumped, Secret>> {
        match self.0.bump(&actor, body.0.key()).await {
            Err(OperatorError::UnknownKey) => {
                Err(Problem::invalid_at("/key", "must be a key as /v1/admin/cache/policies spells it"))
            }
            bumped => Ok(Reply::of(&bumped?)?),
        }
    }
}

impl From<OperatorError> for Problem {
    fn from(error: OperatorError) -> Self {
        match error {
            OperatorError::Forbidden(forbidden) => forbidden.into(),
            OperatorError::UnknownKey => {
                Self::new(Kind::NotFound, "No cached type has such a key. List the keys at /v1/admin/cache/policies.")
            }
            OperatorError::UnknownType => Self::invalid_at("/type", "must be a type of /v1/admin/cache/policies"),
            OperatorError::Service(error) => error.into(),
        }
    }
}
