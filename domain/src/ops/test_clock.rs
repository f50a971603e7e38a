//! The clock of a test: it can be read and moved forwards by an administrator.

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::identity::{Actor, Forbidden};
use crate::{ServiceError, Time};

/// The reading of a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Clock")]
pub struct Reading {
    /// The current time of the service.
    pub now: Time,
}

/// Why a test's clock was not moved.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ClockError {
    /// Only administrators may move it.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// It goes forwards only.
    #[error("the clock goes forwards only")]
    Backwards,
    /// A duty that fell due failed; the clock stands where it was moved to.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// The clock of a test, on which one server runs. It flows on at the usual pace and can be moved forwards.
#[async_trait]
pub trait TestClock: Send + Sync {
    /// What it shows.
    ///
    /// # Errors
    /// When the actor is no administrator.
    fn read(&self, actor: &Actor) -> Result<Reading, Forbidden>;

    /// Moves it, does everything that has become due, and answers what it shows when nothing is due any more.
    ///
    /// # Errors
    /// [`ClockError`].
    async fn advance(&self, actor: &Actor, to: Time) -> Result<Reading, ClockError>;
}
