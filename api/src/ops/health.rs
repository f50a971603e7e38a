//! Whether the service is well, for those who run it.

use std::sync::Arc;

use domain::ServiceError;
use domain::ops;
use domain::ops::HealthService;
use poem_openapi::{Enum, Object, OpenApi};
use serde::Serialize;
use serde_json::{Value, json};

use crate::http::problem::Result;
use crate::http::reply::{Reply, ResponseBody, Secret};
use crate::http::tags::Tag;

/// The operations.
pub(crate) struct HealthApi(pub(crate) Arc<dyn HealthService>);

#[OpenApi(tag = "Tag::Health")]
impl HealthApi {
    /// Ask whether the process is alive
    #[oai(path = "/health/live", method = "get", operation_id = "getLiveness")]
    #[expect(clippy::unused_async, reason = "the macro wants it")]
    async fn live(&self) -> Result<Reply<Liveness, Secret>> {
        Ok(Reply::of(&LivenessView { status: ops::Status::Up })?)
    }

    /// Ask whether requests can be served
    ///
    /// They can while the database answers.
    #[oai(path = "/health/ready", method = "get", operation_id = "getReadiness")]
    async fn ready(&self) -> Result<Reply<Liveness, Secret>> {
        match self.0.check().await.database {
            ops::Status::Up => Ok(Reply::of(&LivenessView { status: ops::Status::Up })?),
            ops::Status::Down | ops::Status::Absent => Err(ServiceError::unavailable("the database does not answer").into()),
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
#[oai(rename_all = "snake_case", rename = "HealthStatus", remote = "ops::Status")]
enum Status {
    Up,
    Down,
    Absent,
}

/// Whether the process answers.
#[derive(Object)]
pub(crate) struct Liveness {
    status: Status,
}

/// A sign of life, as it is served.
#[derive(Serialize)]
pub(crate) struct LivenessView {
    status: ops::Status,
}

impl ResponseBody for Liveness {
    type View = LivenessView;

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

impl ResponseBody for Health {
    type View = ops::Health;

    fn example() -> Value {
        json!({"database": "up", "redis": "up"})
    }
}
