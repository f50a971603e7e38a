//! Operation of the service: cache statistics, cache keys, health, metrics and the test clock.
//!
//! No command of this module can make a response incorrect: clearing costs loads, and warming saves them. The commands require an
//! administrator. [`WorkerMetrics`] needs none, because monitoring reads it from the process.

mod counts;
mod health;
mod keys;
mod metrics;
mod statistics;
mod test_clock;

use async_trait::async_trait;

use crate::ServiceError;
use crate::identity::{Forbidden, Principal};

pub use counts::{Counts, Event, LOAD_BOUNDS_MS, LoadTimes};
pub use health::*;
pub use keys::*;
pub use metrics::*;
pub use statistics::*;
pub use test_clock::*;

/// Why an operator's command failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum OperatorError {
    /// The actor is not an administrator.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The key matches no cached type.
    #[error("the key matches no cached type")]
    UnknownKey,
    /// No cached type has this name.
    #[error("no cached type has this name")]
    UnknownType,
    /// A dependency is unavailable, or a bug occurred.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// The operator's view of the cache.
#[async_trait]
pub trait OperatorService: Send + Sync {
    /// The statistics of this worker, of all live workers and of Redis.
    ///
    /// # Errors
    /// [`OperatorError::Forbidden`].
    async fn stats(&self, actor: &Principal) -> Result<CacheStats, OperatorError>;

    /// The policy of every cached type.
    ///
    /// # Errors
    /// [`Forbidden`] when the actor is not an administrator.
    fn policies(&self, actor: &Principal) -> Result<Vec<Policy>, Forbidden>;

    /// Pings the shared store.
    ///
    /// # Errors
    /// [`OperatorError::Forbidden`].
    async fn ping(&self, actor: &Principal) -> Result<Ping, OperatorError>;

    /// The values stored under a logical key, per layer.
    ///
    /// # Errors
    /// [`OperatorError::Forbidden`], [`OperatorError::UnknownKey`]; [`OperatorError::Service`] when Redis is unavailable.
    async fn inspect(&self, actor: &Principal, key: &str) -> Result<KeyDetails, OperatorError>;

    /// Clears values on every worker. After it returns, no worker stores them.
    ///
    /// # Errors
    /// [`OperatorError::Forbidden`], [`OperatorError::UnknownType`]; [`OperatorError::Service`] when the database or Redis is unavailable.
    async fn clear(&self, actor: &Principal, what: Selection) -> Result<Cleared, OperatorError>;

    /// Loads the most-read values that are not cached.
    ///
    /// # Errors
    /// [`OperatorError::Forbidden`]; [`OperatorError::Service`] when the database is unavailable.
    async fn warm(&self, actor: &Principal) -> Result<Warmed, OperatorError>;

    /// Invalidates a key on every worker, for rows that were changed outside the service.
    ///
    /// # Errors
    /// [`OperatorError::Forbidden`], [`OperatorError::UnknownKey`]; [`OperatorError::Service`] when the database is unavailable.
    async fn bump(&self, actor: &Principal, key: &str) -> Result<Bumped, OperatorError>;

    /// The metrics of this worker. It makes no request.
    fn metrics(&self) -> WorkerMetrics;
}
