//! The health of the database and Redis.

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The state of one part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It answers.
    Up,
    /// It does not answer.
    Down,
    /// It is not part of this deployment.
    Absent,
}

/// The state of every part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Health {
    /// The database: without it the service is not ready.
    pub database: Status,
    /// Redis: without it the service is slower, never wrong.
    pub redis: Status,
}

/// The health check.
#[async_trait]
pub trait HealthService: Send + Sync {
    /// Checks every dependency. It takes at most as long as their connection time-outs.
    async fn check(&self) -> Health;
}
