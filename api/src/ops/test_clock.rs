//! The test clock: operations that exist only on a server that was started with `--test-clock`. The document leaves them out.

use std::sync::Arc;

use domain::ops::{ClockError, Reading, TestClock, parse_clock_time};
use poem_openapi::Object;
use poem_openapi::OpenApi;
use serde_json::{Value, json};

use crate::http::body::{Body, RequestBody};
use crate::http::principal::Administrator;
use crate::http::problem::{Problem, Result, WithPointer};
use crate::http::reply::{Reply, ResponseBody, Secret};
use crate::http::text::Line;

/// Operations on the test clock.
pub(crate) struct ClockApi(pub(crate) Arc<dyn TestClock>);

#[OpenApi]
impl ClockApi {
    /// Read the clock
    #[oai(path = "/v1/admin/clock", method = "get", operation_id = "getClock")]
    #[expect(clippy::unused_async, reason = "the macro wants it")]
    async fn read(&self, actor: Administrator) -> Result<Reply<Reading, Secret>> {
        Ok(Reply::of(&self.0.read(&actor)?)?)
    }

    /// Move the clock forwards
    ///
    /// Everything that becomes due is done before the answer.
    #[oai(path = "/v1/admin/clock", method = "post", operation_id = "moveClock")]
    async fn advance(&self, actor: Administrator, body: Body<MoveClock>) -> Result<Reply<Reading, Secret>> {
        Ok(Reply::of(&self.0.advance(&actor, parse_clock_time(&body.now).at("/now")?).await?)?)
    }
}

/// The time to move the clock to.
#[derive(Object)]
struct MoveClock {
    /// A time not before the present one.
    now: Line<1, 40>,
}

impl RequestBody for MoveClock {
    fn example() -> Value {
        json!({"now": "2027-02-28T10:00:00Z"})
    }
}

impl ResponseBody for Reading {
    fn example() -> Value {
        json!({"now": "2027-02-28T10:00:00Z"})
    }
}

impl From<ClockError> for Problem {
    fn from(error: ClockError) -> Self {
        match error {
            ClockError::Backwards => {
                Self::invalid_at("/now", "must not be before the present moment: the clock goes forwards only")
            }
            ClockError::Forbidden(forbidden) => forbidden.into(),
            ClockError::Service(error) => error.into(),
        }
    }
}
