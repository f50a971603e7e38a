//! Whether the service is well, for those who run it.

use std::sync::Arc;

use domain::Fault;
use domain::health::{self, HealthService};
use poem_openapi::{Enum, Object, OpenApi};
use serde::Serialize;
use serde_json::{Value, json};

use crate::problem::Result;
use crate::reply::{Reply, Secret, Shows};
use crate::tags::Tag;

/// The operations.
pub(crate) struct HealthApi(pub(crate) Arc<dyn HealthService>);

#[OpenApi(tag = "Tag::Health")]
impl HealthApi {
    /// Ask whether the process is alive
    #[oai(path = "/health/live", method = "get", operation_id = "getLiveness")]
    #[expect(clippy::unused_async, reason = "the macro wants it")]
    async fn live(&self) -> Result<Reply<Pulse, Secret>> {
        Ok(Reply::of(&PulseView { status: health::Status::Up })?)
    }

    /// Ask whether requests can be served
    ///
    /// They can while the database answers.
    #[oai(path = "/health/ready", method = "get", operation_id = "getReadiness")]
    async fn ready(&self) -> Result<Reply<Pulse, Secret>> {
        match self.0.check().await.database {
            health::Status::Up => Ok(Reply::of(&PulseView { status: health::Status::Up })?),
            health::Status::Down | health::Status::Absent => Err(Fault::unavailable("the database does not answer").into()),
        }
    }

    /// Ask how every part is
    #[oai(path = "/health", method = "get", operation_id = "getHealth")]
    async fn health(&self) -> Result<Reply<Health, Secret>> {
        Ok(Reply::of(&self.0.check().await)?)
    }
}

/// The state of a part: it answers, it does not, or it is not part of this deployment.
#[derive(Enum)]
#[oai(rename_all = "snake_case", rename = "HealthStatus", remote = "health::Status")]
enum Status {
    Up,
    Down,
    Absent,
}

/// A sign of life.
#[derive(Object)]
pub(crate) struct Pulse {
    status: Status,
}

/// A sign of life, as it is served.
#[derive(Serialize)]
pub(crate) struct PulseView {
    status: health::Status,
}

impl Shows for Pulse {
    type View = PulseView;

    fn example() -> Value {
        json!({"status": "up"})
    }
}

/// The state of every part. Without Redis the service is slower, never wrong.
#[derive(Object)]
pub(crate) struct Health {
    database: Status,
    redis: Status,
}

impl Shows for Health {
    type View = health::Health;

    fn example() -> Value {
        json!({"database": "up", "redis": "up"})
    }
}
