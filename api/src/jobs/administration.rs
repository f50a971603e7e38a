//! The administration of jobs.

use std::sync::Arc;

use domain::ids::JobId;
use domain::jobs::{AdministeredJob, JobAdministration, JobFilter, JobState};
use domain::page::Page;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

use crate::http::document::Declared;
use crate::http::params::{After, Id, Limit, Query, page};
use crate::http::principal::Administrator;
use crate::http::problem::{Kind, Result};
use crate::http::reply::{CreatedUncached, Reply, Secret};
use crate::http::tags::Tag;
use crate::http::text::Line;
use crate::http::view::Choice;

/// Operations of administrators on jobs.
pub(crate) struct JobAdministrationApi(pub(crate) Arc<dyn JobAdministration>);

impl JobAdministrationApi {
    /// Problems of single operations.
    pub(crate) const PROBLEMS: Declared = &[("retryJob", &[Kind::JobUnfinished]), ("cancelAnyJob", &[Kind::JobFinished])];
}

#[OpenApi]
impl JobAdministrationApi {
    /// List jobs
    ///
    /// Of all users and of the site, the newest first. A job of the list fulfils all the given conditions.
    #[oai(path = "/v1/admin/jobs", method = "get", operation_id = "listAllJobs", tag = "Tag::Admin")]
    async fn list(
        &self,
        actor: Administrator,
        /// The state.
        state: Query<Option<Choice<JobState>>>,
        /// The kind, such as `send_mail`.
        kind: Query<Option<Line<1, 64>>>,
        /// The queue.
        queue: Query<Option<Line<1, 64>>>,
        limit: Query<Limit>,
        cursor: Query<Option<After>>,
    ) -> Result<Reply<Page<AdministeredJob>, Secret>> {
        let text = |line: Option<Line<1, 64>>| line.map(|line| line.to_owned());
        let filter = JobFilter { state: state.0.map(|state| state.0), kind: text(kind.0), queue: text(queue.0) };
        Ok(Reply::of(&self.0.all(&actor, &filter, &page(limit, cursor)).await?)?)
    }

    /// Run a job again
    ///
    /// Enqueues a new job with the kind, the payload and the owner of one that has ended.
    #[oai(path = "/v1/admin/jobs/:id/retry", method = "post", operation_id = "retryJob", tag = "Tag::Admin")]
    async fn retry(&self, actor: Administrator, id: Path<Id<JobId>>) -> Result<Reply<AdministeredJob, CreatedUncached>> {
        Ok(Reply::of(&self.0.retry(&actor, id.0.0).await?)?)
    }

    /// Cancel any job
    ///
    /// A running job is asked to stop, and may still succeed.
    #[oai(path = "/v1/admin/jobs/:id/cancel", method = "post", operation_id = "cancelAnyJob", tag = "Tag::Admin")]
    async fn cancel(&self, actor: Administrator, id: Path<Id<JobId>>) -> Result<Reply<AdministeredJob, Secret>> {
        Ok(Reply::of(&self.0.stop(&actor, id.0.0).await?)?)
    }
}
