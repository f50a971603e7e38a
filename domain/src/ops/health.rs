//! The health of the database and Redis.

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The state of a dependency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "HealthStatus")]
pub enum Status {
    /// It answers.
    Up,
    /// It does not answer.
    Down,
    /// This deployment does not use it.
    Absent,
}

/// The state of every dependency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Health {
    /// The database. Without it the service is not ready.
    pub database: Status,
    /// Redis. Without it the service is slower but correct.
    pub redis: Status,
}

/// The health check.
#[async_trait]
pub trait HealthService: Send + Sync {
    /// Checks every dependency. It takes at most as long as their connection time-outs.
    async fn check(&self) -> Health;
}
