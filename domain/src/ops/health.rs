//! Whether the parts that Atelier stands on answer.

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The state of one part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "HealthStatus")]
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

/// Asks the parts.
#[async_trait]
pub trait HealthService: Send + Sync {
    /// Asks every part; takes no longer than their connection time-outs.
    async fn check(&self) -> Health;
}
