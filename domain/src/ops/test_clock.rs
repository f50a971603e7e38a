//! The test clock, which an administrator can read and advance.

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::identity::{Forbidden, Principal};
use crate::{ServiceError, Time};

/// The reading of a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Clock")]
pub struct Reading {
    /// The current time of the service.
    pub now: Time,
}

/// Why the test clock was not advanced, or a task failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ClockError {
    /// The actor is not an administrator.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The requested time is before the clock's time.
    #[error("the clock cannot move backwards")]
    Backwards,
    /// A scheduled task that became due failed. The clock keeps the requested time.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// The time of all servers on one database. It runs at the normal rate and can be advanced.
#[async_trait]
pub trait TestClock: Send + Sync {
    /// Reads the clock.
    ///
    /// # Errors
    /// [`Forbidden`] when the actor is not an administrator.
    fn read(&self, actor: &Principal) -> Result<Reading, Forbidden>;

    /// Advances the clock of every server to `to`, runs all scheduled tasks until none is due, and then reads the clock.
    ///
    /// # Errors
    /// [`ClockError`].
    async fn advance(&self, actor: &Principal, to: Time) -> Result<Reading, ClockError>;
}
