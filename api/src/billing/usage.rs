//! Use that the site delivers to a user.

use std::sync::Arc;

use domain::billing::usage::{MAX_REPORTED_IMAGES, MAX_REPORTED_TOKENS, Stats, UsageError, UsageReport, UsageService};
use poem_openapi::{Object, OpenApi};
use serde_json::{Value, json};

use crate::http::body::{Body, RequestBody};
use crate::http::document::Declared;
use crate::http::idempotency::Key;
use crate::http::principal::Site;
use crate::http::problem::{Kind, Problem, Result, WithPointer};
use crate::http::reply::{CompletedOnce, Reply};
use crate::http::tags::Tag;

// The attributes below accept literals only.
const _: () = assert!(MAX_REPORTED_IMAGES == 1_000 && MAX_REPORTED_TOKENS == 100_000_000);

/// Operations on metered use.
pub(crate) struct UsageApi(pub(crate) Arc<dyn UsageService>);

impl UsageApi {
    /// Problems of single operations.
    pub(crate) const PROBLEMS: Declared = &[("reportUsage", &[Kind::PlanLimit])];
}

/// What the site has delivered to the user.
#[derive(Object)]
struct ReportUsage {
    /// Number of images.
    #[oai(validator(minimum(value = "1"), maximum(value = "1000")))]
    images: Option<i64>,
    /// Number of tokens.
    #[oai(validator(minimum(value = "1"), maximum(value = "100000000")))]
    tokens: Option<i64>,
}

impl RequestBody for ReportUsage {
    const MIN_FIELDS: usize = 1;

    fn example() -> Value {
        json!({"images": 1, "tokens": 420})
    }
}

#[OpenApi]
impl UsageApi {
    /// Report use
    ///
    /// For a service key that acts for the user: what the site has delivered is added to the user's day and period, and the new
    /// statistics are the answer. If the images exceed the plan's images a day, nothing is counted, and the request can be repeated
    /// with the same key later.
    #[oai(path = "/v1/usage", method = "post", operation_id = "reportUsage", tag = "Tag::Coins")]
    async fn report(
        &self,
        site: Site,
        #[oai(name = "Idempotency-Key")] key: Key,
        body: Body<ReportUsage>,
    ) -> Result<Reply<Stats, CompletedOnce>> {
        let report = UsageReport::parse(body.images.unwrap_or_default(), body.tokens.unwrap_or_default()).at("")?;
        Ok(Reply::once(&self.0.report(site.placement(), key.attempt(report)).await?)?)
    }
}

impl From<UsageError> for Problem {
    fn from(error: UsageError) -> Self {
        match error {
            UsageError::Forbidden(forbidden) => forbidden.into(),
            UsageError::LimitReached(reached) => reached.into(),
            UsageError::Conflict(conflict) => conflict.into(),
            UsageError::Service(error) => error.into(),
        }
    }
}
