//! The cache, for those who run the service.

mod wire;

use std::sync::Arc;

use domain::ops::{OperatorError, OperatorService};
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

use crate::http::body::Body;
use crate::http::principal::Administrator;
use crate::http::problem::{Kind, Problem, Result};
use crate::http::reply::{Reply, Secret};
use crate::http::tags::Tag;
use crate::http::text::Line;

use wire::{BumpKey, ClearCache};
pub(crate) use wire::{Bumped, CacheKey, CachePing, CachePolicies, CacheStats, Cleared, Warmed};

/// The operations.
pub(crate) struct OperatorApi(pub(crate) Arc<dyn OperatorService>);

#[OpenApi(tag = "Tag::Admin")]
impl OperatorApi {
    /// Read the cache's statistics
    ///
    /// Of the worker that answers, and summed for all that live; and how Redis is.
    #[oai(path = "/v1/admin/cache/stats", method = "get", operation_id = "getCacheStats")]
    async fn stats(&self, actor: Administrator) -> Result<Reply<CacheStats, Secret>> {
        Ok(Reply::of(&self.0.stats(&actor).await?)?)
    }

    /// Read the cache's policies
    ///
    /// Each cached type with its times in force.
    #[oai(path = "/v1/admin/cache/policies", method = "get", operation_id = "getCachePolicies")]
    #[expect(clippy::unused_async, reason = "the macro wants it")]
    async fn policies(&self, actor: Administrator) -> Result<Reply<CachePolicies, Secret>> {
        Ok(Reply::of(&wire::Policies { items: self.0.policies(&actor)? })?)
    }

    /// Ask the cache whether it answers
    #[oai(path = "/v1/admin/cache/ping", method = "get", operation_id = "pingCache")]
    async fn ping(&self, actor: Administrator) -> Result<Reply<CachePing, Secret>> {
        Ok(Reply::of(&self.0.ping(&actor).await?)?)
    }

    /// Look at one key
    ///
    /// What Redis and the worker that answers hold under it. A key that is not held is one that nobody read lately.
    #[oai(path = "/v1/admin/cache/keys/:key", method = "get", operation_id = "getCacheKey")]
    async fn key(
        &self,
        actor: Administrator,
        /// The logical key, as the policies spell it.
        key: Path<Line<1, 500>>,
    ) -> Result<Reply<CacheKey, Secret>> {
        Ok(Reply::of(&self.0.inspect(&actor, &key).await?)?)
    }

    /// Clear cached values
    ///
    /// On every worker, by type or by pattern. It costs loads and nothing else.
    #[oai(path = "/v1/admin/cache/clear", method = "post", operation_id = "clearCache")]
    async fn clear(&self, actor: Administrator, body: Body<ClearCache>) -> Result<Reply<Cleared, Secret>> {
        Ok(Reply::of(&self.0.clear(&actor, body.0.selection()?).await?)?)
    }

    /// Warm the cache up
    ///
    /// Loads the public list, the generation settings and the most read characters, unless they are warm.
    #[oai(path = "/v1/admin/cache/warm", method = "post", operation_id = "warmCache")]
    async fn warm(&self, actor: Administrator) -> Result<Reply<Warmed, Secret>> {
        Ok(Reply::of(&self.0.warm(&actor).await?)?)
    }

    /// Record a change of a key
    ///
    /// For rows that were changed by hand: no worker serves a value from before any more.
    #[oai(path = "/v1/admin/cache/bump", method = "post", operation_id = "bumpCacheKey")]
    async fn bump(&self, actor: Administrator, body: Body<BumpKey>) -> Result<Reply<Bumped, Secret>> {
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
                Self::new(Kind::NotFound, "No cached type has such keys; /v1/admin/cache/policies spells them.")
            }
            OperatorError::UnknownType => Self::invalid_at("/type", "must be a type of /v1/admin/cache/policies"),
            OperatorError::Service(fault) => fault.into(),
        }
    }
}
