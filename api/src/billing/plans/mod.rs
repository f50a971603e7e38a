//! The administration of plans.

mod requests;

use std::sync::Arc;

use domain::billing::plans::{Plan, PlanAdministration, PlanError, PlanVersion};
use domain::page::Page;
use poem_openapi::OpenApi;
use serde_json::{Value, json};

use crate::http::body::Body;
use crate::http::idempotency::Key;
use crate::http::params::{After, Limit, Query, page};
use crate::http::principal::Administrator;
use crate::http::problem::{Problem, Result};
use crate::http::reply::{CreatedOnce, Reply, ResponseBody, Uncached};
use crate::http::tags::Tag;

use requests::CreatePlanVersion;

/// Operations of administrators on plans.
pub(crate) struct PlansApi(pub(crate) Arc<dyn PlanAdministration>);

#[OpenApi(tag = "Tag::Admin")]
impl PlansApi {
    /// List all versions of all plans
    ///
    /// By code, the newest version of a plan first. `subscribers` have the version until they change their plan.
    #[oai(path = "/v1/admin/plans", method = "get", operation_id = "listPlanVersions")]
    async fn versions(
        &self,
        actor: Administrator,
        limit: Query<Limit>,
        cursor: Query<Option<After>>,
    ) -> Result<Reply<Page<PlanVersion>, Uncached>> {
        Ok(Reply::of(&self.0.versions(&actor, &page(limit, cursor)).await?)?)
    }

    /// Add a version of a plan, or a plan
    ///
    /// The version is on offer at once, and never changes. Subscribers keep the version that they have. A new version of `free`
    /// applies at once to every user without a subscription; it has no price, no trial and no coins.
    #[oai(path = "/v1/admin/plans", method = "post", operation_id = "createPlanVersion")]
    async fn create(
        &self,
        actor: Administrator,
        #[oai(name = "Idempotency-Key")] key: Key,
        body: Body<CreatePlanVersion>,
    ) -> Result<Reply<PlanVersion, CreatedOnce>> {
        let attempt = key.attempt(body.0.plan()?);
        Ok(Reply::once(&self.0.add_version(&actor, attempt).await?)?)
    }
}

impl ResponseBody for PlanVersion {
    fn example() -> Value {
        let mut example = Plan::example();
        (example["on_offer"], example["subscribers"]) = (json!(true), json!(3));
        example
    }
}

impl From<PlanError> for Problem {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::Forbidden(forbidden) => forbidden.into(),
            PlanError::Invalid { pointer, reason } => Self::invalid_at(pointer, reason),
            PlanError::Conflict(conflict) => conflict.into(),
            PlanError::Cursor(cursor) => cursor.into(),
            PlanError::Service(error) => error.into(),
        }
    }
}
