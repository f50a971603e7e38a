//! The health of the service, for operators.

use std::sync::Arc;

use domain::ServiceError;
use domain::ops::{Health, HealthService, Status};
use poem::web::Data;
use poem_openapi::OpenApi;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use crate::http::problem::{Kind, Problem, Result};
use crate::http::reply::{Reply, ResponseBody, Secret};
use crate::http::shutdown::Shutdown;
use crate::http::tags::Tag;

/// Health checks.
pub(crate) struct HealthApi(pub(crate) Arc<dyn HealthService>);

#[OpenApi(tag = "Tag::Health")]
impl HealthApi {
    /// Check whether the process is alive
    ///
    /// It asks no dependency. Restart the process when this does not answer.
    #[oai(path = "/health/live", method = "get", operation_id = "getLiveness")]
    #[expect(clippy::unused_async, reason = "the macro wants it")]
    async fn live(&self) -> Result<Reply<Liveness, Secret>> {
        Ok(Reply::of(&Liveness { status: Status::Up })?)
    }

    /// Check whether requests can be served
    ///
    /// They can while the database answers and the server is not shutting down. Load balancers check this.
    #[oai(path = "/health/ready", method = "get", operation_id = "getReadiness")]
    async fn ready(&self, shutdown: Data<&Shutdown>) -> Result<Reply<Liveness, Secret>> {
        if shutdown.is_draining() {
            // No cause: a stop is no failure, so it is not logged.
            return Err(Problem::new(Kind::Unavailable, "The server is shutting down."));
        }
        match self.0.check().await.database {
            Status::Up => Ok(Reply::of(&Liveness { status: Status::Up })?),
            Status::Down | Status::Absent => Err(ServiceError::unavailable("the database does not answer").into()),
        }
    }

    /// Read the state of every dependency
    ///
    /// The response is 200 whatever their state is.
    #[oai(path = "/health", method = "get", operation_id = "getHealth")]
    async fn health(&self) -> Result<Reply<Health, Secret>> {
        Ok(Reply::of(&self.0.check().await)?)
    }
}

/// The process answers.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Liveness {
    status: Status,
}

impl ResponseBody for Liveness {
    fn example() -> Value {
        json!({"status": "up"})
    }
}

impl ResponseBody for Health {
    fn example() -> Value {
        json!({"database": "up", "redis": "up"})
    }
}
