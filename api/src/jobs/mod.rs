//! Jobs: those of a user with their progress, and the administration of all jobs and schedules.

pub(crate) mod administration;
mod events;
mod examples;
pub(crate) mod schedules;

use std::sync::Arc;

use domain::identity::Authenticator;
use domain::ids::JobId;
use domain::jobs::{Job, JobError, JobService};
use domain::page::Page;
use poem::Request;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

use crate::http::document::Declared;
use crate::http::params::{After, Id, Limit, Query, page};
use crate::http::principal::SignedIn;
use crate::http::problem::{Kind, Problem, Result};
use crate::http::reply::{Reply, Secret};
use crate::http::shutdown::Shutdown;
use crate::http::sse::last_event_id;
use crate::http::tags::Tag;

use events::{Events, JobEvents};

/// Operations on a user's jobs.
pub(crate) struct JobsApi {
    pub(crate) jobs: Arc<dyn JobService>,
    pub(crate) authenticator: Arc<dyn Authenticator>,
}

impl JobsApi {
    /// Problems of single operations.
    pub(crate) const PROBLEMS: Declared = &[("cancelJob", &[Kind::JobFinished])];
}

#[OpenApi]
impl JobsApi {
    /// List your jobs
    ///
    /// The newest first. A job is kept for 30 days after its end.
    #[oai(path = "/v1/jobs", method = "get", operation_id = "listJobs", tag = "Tag::Jobs")]
    async fn list(&self, user: SignedIn, limit: Query<Limit>, cursor: Query<Option<After>>) -> Result<Reply<Page<Job>, Secret>> {
        Ok(Reply::of(&self.jobs.jobs(user.user, &page(limit, cursor)).await?)?)
    }

    /// Read a job
    ///
    /// Its state, its progress, and after its end its result or error.
    #[oai(path = "/v1/jobs/:id", method = "get", operation_id = "getJob", tag = "Tag::Jobs")]
    async fn read(&self, user: SignedIn, id: Path<Id<JobId>>) -> Result<Reply<Job, Secret>> {
        Ok(Reply::of(&self.jobs.job(user.user, id.0.0).await?)?)
    }

    /// Follow a job
    ///
    /// Sends an event `job` with the whole job now and after changes, until the job ends; of changes that follow each other fast it sends
    /// the last one. The id of an event is the version of the job; a client that connects again with `Last-Event-ID` gets no event of
    /// a version that it has seen. A browser's `EventSource` connects again after every end: close it when the job has ended.
    #[oai(path = "/v1/jobs/:id/events", method = "get", operation_id = "followJob", tag = "Tag::Jobs")]
    async fn follow(
        &self,
        user: SignedIn,
        id: Path<Id<JobId>>,
        request: &Request,
        shutdown: Data<&Shutdown>,
    ) -> Result<JobEvents> {
        let seen = last_event_id::<i64>(request.headers())?.unwrap_or_default();
        let (jobs, authenticator) = (Arc::clone(&self.jobs), Arc::clone(&self.authenticator));
        jobs.job(user.user, id.0.0).await?;
        let events = Events { jobs, authenticator, headers: request.headers().clone(), user: user.user, job: id.0.0, seen };
        Ok(events.response(&shutdown))
    }

    /// Cancel a job
    ///
    /// A running job is asked to stop, and may still succeed.
    #[oai(path = "/v1/jobs/:id/cancel", method = "post", operation_id = "cancelJob", tag = "Tag::Jobs")]
    async fn cancel(&self, user: SignedIn, id: Path<Id<JobId>>) -> Result<Reply<Job, Secret>> {
        Ok(Reply::of(&self.jobs.cancel(user.user, id.0.0).await?)?)
    }
}

impl From<JobError> for Problem {
    fn from(error: JobError) -> Self {
        match error {
            JobError::NotFound => Self::new(Kind::NotFound, "There is no such job. It is kept for 30 days after its end."),
            JobError::Finished => Self::new(Kind::JobFinished, "The job has ended already."),
            JobError::Unfinished => {
                Self::new(Kind::JobUnfinished, "The job has not ended, or this release has no such kind. Cancel the job first.")
            }
            JobError::Forbidden(forbidden) => forbidden.into(),
            JobError::Cursor(cursor) => cursor.into(),
            JobError::Service(error) => error.into(),
        }
    }
}
