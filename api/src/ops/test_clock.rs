//! The clock of a test: operations that exist only on a server that was started with `--test-clock`, and not in the document.

use std::sync::Arc;

use domain::clock;
use domain::ops::TestClock;
use domain::ops::{self, ClockError};
use poem_openapi::Object;
use poem_openapi::OpenApi;
use serde_json::{Value, json};

use crate::http::body::{Body, RequestBody};
use crate::http::principal::Administrator;
use crate::http::problem::{Problem, Result, WithPointer};
use crate::http::reply::{Reply, ResponseBody, Secret};
use crate::http::text::Line;

/// The operations.
pub(crate) struct ClockApi(pub(crate) Arc<dyn TestClock>);

#[OpenApi]
impl ClockApi {
    /// Read the clock
    #[oai(path = "/v1/admin/clock", method = "get", operation_id = "getClock")]
    #[expect(clippy::unused_async, reason = "the macro wants it")]
    async fn read(&self, actor: Administrator) -> Result<Reply<Clock, Secret>> {
        Ok(Reply::of(&self.0.read(&actor)?)?)
    }

    /// Move the clock forwards
    ///
    /// What falls due is done before it answers.
    #[oai(path = "/v1/admin/clock", method = "post", operation_id = "moveClock")]
    async fn advance(&self, actor: Administrator, body: Body<MoveClock>) -> Result<Reply<Clock, Secret>> {
        Ok(Reply::of(&self.0.advance(&actor, clock::parse_time(&body.now).at("/now")?).await?)?)
    }
}

/// Where to move the clock.
#[derive(Object)]
struct MoveClock {
    /// A time that is not before the present one.
    now: Line<1, 40>,
}

impl RequestBody for MoveClock {
    fn example() -> Value {
        json!({"now": "2027-02-28T10:00:00Z"})
    }
}

/// What the clock shows.
#[derive(Object)]
pub(crate) struct Clock {
    /// The present moment.
    now: domain::Time,
}

impl ResponseBody for Clock {
    type View = ops::Reading;

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
            ClockError::Service(fault) => fault.into(),
        }
    }
}
