//! Jobs: work that is enqueued in the transaction of a write and runs afterwards, on any server or worker process.
//!
//! A job runs until it succeeds, fails for good, or is canceled. Its effect is committed once, together with its success. A job whose
//! worker is lost runs again. What becomes due by the calendar is a [`Schedule`], which enqueues jobs.

mod model;
mod retry;
mod schedule;

use async_trait::async_trait;

pub use model::*;
pub use retry::{MAX_LOSSES, retry_delay};
pub use schedule::*;

use crate::ServiceError;
use crate::identity::{Forbidden, Principal};
use crate::ids::{JobId, UserId};
use crate::page::{InvalidCursor, Page, PageRequest};

/// Why an operation on jobs failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum JobError {
    /// There is no such job, or it belongs to another user.
    #[error("there is no such job")]
    NotFound,
    /// The job has ended already.
    #[error("the job has ended")]
    Finished,
    /// The job has not ended, so it cannot be run again.
    #[error("the job has not ended")]
    Unfinished,
    /// The principal may not do this.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The page's cursor is invalid.
    #[error(transparent)]
    Cursor(#[from] InvalidCursor),
    /// A dependency is unavailable, or a bug occurred.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// The jobs of a user.
#[async_trait]
pub trait JobService: Send + Sync {
    /// A page of the user's jobs, the newest first.
    ///
    /// # Errors
    /// [`JobError::Cursor`].
    async fn jobs(&self, owner: UserId, page: &PageRequest) -> Result<Page<Job>, JobError>;

    /// A job of the user.
    ///
    /// # Errors
    /// [`JobError::NotFound`].
    async fn job(&self, owner: UserId, job: JobId) -> Result<Job, JobError>;

    /// The job as soon as its version is greater than `seen`. It returns the present job at once if the job has ended.
    ///
    /// # Errors
    /// [`JobError::NotFound`].
    async fn next(&self, owner: UserId, job: JobId, seen: i64) -> Result<Job, JobError>;

    /// Cancels a job. A running one is asked to stop, and may still succeed.
    ///
    /// # Errors
    /// [`JobError::NotFound`], [`JobError::Finished`].
    async fn cancel(&self, owner: UserId, job: JobId) -> Result<Job, JobError>;
}

/// The jobs of all users and of the site, for administrators.
#[async_trait]
pub trait JobAdministration: Send + Sync {
    /// A page of all jobs that match a filter, the newest first.
    ///
    /// # Errors
    /// [`JobError::Forbidden`], [`JobError::Cursor`].
    async fn all(&self, actor: &Principal, filter: &JobFilter, page: &PageRequest) -> Result<Page<AdministeredJob>, JobError>;

    /// Enqueues a new job with the kind and payload of one that has ended.
    ///
    /// # Errors
    /// [`JobError::Forbidden`], [`JobError::NotFound`], [`JobError::Unfinished`].
    async fn retry(&self, actor: &Principal, job: JobId) -> Result<AdministeredJob, JobError>;

    /// Cancels a job. A running one is asked to stop, and may still succeed.
    ///
    /// # Errors
    /// [`JobError::Forbidden`], [`JobError::NotFound`], [`JobError::Finished`].
    async fn stop(&self, actor: &Principal, job: JobId) -> Result<AdministeredJob, JobError>;
}

/// The work that this process does in the background.
#[async_trait]
pub trait BackgroundWork: Send + Sync {
    /// Claims no more jobs, gives the running ones a few seconds to end, and hands back those that have not.
    async fn stop(&self);
}
