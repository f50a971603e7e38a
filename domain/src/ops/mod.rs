//! What those who run Atelier may ask of its cache: figures, one key, and to clear, to warm or to bump.
//!
//! Nothing here can make an answer wrong: to clear costs loads, to warm saves them. Only administrators may ask; [`WorkerMetrics`] is for
//! the monitoring of the process itself.

mod counts;
mod health;
mod keys;
mod metrics;
mod statistics;
mod test_clock;

use async_trait::async_trait;

use crate::ServiceError;
use crate::identity::{Actor, Forbidden};

pub use counts::{Counts, Event, LOAD_BOUNDS_MS, LoadTimes};
pub use health::*;
pub use keys::*;
pub use metrics::*;
pub use statistics::*;
pub use test_clock::*;

/// Why an operator's wish was not fulfilled.
#[derive(Debug, Clone, thiserror::Error)]
pub enum OperatorError {
    /// Only administrators may ask.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// No type has such keys.
    #[error("no cached type has such a key")]
    UnknownKey,
    /// There is no such type.
    #[error("there is no such cached type")]
    UnknownType,
    /// Something outside the rules failed.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// The operator's view of the cache.
#[async_trait]
pub trait OperatorService: Send + Sync {
    /// What this worker and all live workers have counted, and how Redis is.
    ///
    /// # Errors
    /// [`OperatorError::Forbidden`].
    async fn stats(&self, actor: &Actor) -> Result<CacheStats, OperatorError>;

    /// The policies in force.
    ///
    /// # Errors
    /// When the actor is no administrator.
    fn policies(&self, actor: &Actor) -> Result<Vec<Policy>, Forbidden>;

    /// Asks the store that all workers share.
    ///
    /// # Errors
    /// [`OperatorError::Forbidden`].
    async fn ping(&self, actor: &Actor) -> Result<Ping, OperatorError>;

    /// What is held under a logical key, and where.
    ///
    /// # Errors
    /// [`OperatorError::UnknownKey`]; a fault when Redis does not answer.
    async fn inspect(&self, actor: &Actor, key: &str) -> Result<KeyDetails, OperatorError>;

    /// Clears values on every worker; when it returns, none holds them.
    ///
    /// # Errors
    /// [`OperatorError::UnknownType`]; a fault when the database or Redis does not answer.
    async fn clear(&self, actor: &Actor, what: Selection) -> Result<Cleared, OperatorError>;

    /// Loads what is read most, unless it is warm.
    ///
    /// # Errors
    /// When the database does not answer.
    async fn warm(&self, actor: &Actor) -> Result<Warmed, OperatorError>;

    /// Records a change of a key, for rows that were changed by hand: no value from before is served by anybody any more.
    ///
    /// # Errors
    /// [`OperatorError::UnknownKey`]; a fault when the database does not answer.
    async fn bump(&self, actor: &Actor, key: &str) -> Result<Bumped, OperatorError>;

    /// What the worker can tell without asking anybody.
    fn metrics(&self) -> WorkerMetrics;
}
