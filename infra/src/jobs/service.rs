//! The jobs of a user.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use domain::ids::{JobId, UserId};
use domain::jobs::{Job, JobError, JobService};
use domain::page::{Page, PageRequest};
use domain::{Clock, ServiceError, Time};
use sea_orm::sea_query::Order;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Select, Value};

use super::entities::job;
use super::rows::view;
use crate::db::{Database, Keys, Tx, execute, page_of, service_error};

/// The interval between looks at a job that is followed, and the longest time without an answer.
const FOLLOW: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(1));

/// [`JobService`] on SQL.
pub(crate) struct SqlJobs {
    pub(crate) db: Database,
    pub(crate) clock: Arc<dyn Clock>,
}

fn of_owner(owner: UserId) -> Select<job::Entity> {
    job::Entity::find().filter(job::Column::OwnerId.eq(owner.to_string()))
}

async fn find(db: &impl ConnectionTrait, owner: UserId, job: JobId) -> Result<Job, JobError> {
    let row = of_owner(owner).filter(job::Column::Id.eq(job.to_string())).one(db).await.map_err(service_error)?;
    Ok(view(row.ok_or(JobError::NotFound)?)?)
}

#[async_trait]
impl JobService for SqlJobs {
    async fn jobs(&self, owner: UserId, page: &PageRequest) -> Result<Page<Job>, JobError> {
        let newest_first = (job::Column::Id, Order::Desc, |row: &job::Model| row.id.clone());
        page_of(self.db.reader(), of_owner(owner), newest_first, (page, &("jobs", owner)), view).await
    }

    async fn job(&self, owner: UserId, job: JobId) -> Result<Job, JobError> {
        find(self.db.reader(), owner, job).await
    }

    async fn next(&self, owner: UserId, job: JobId, seen: i64) -> Result<Job, JobError> {
        let ((pause, longest), began) = (FOLLOW, Instant::now());
        loop {
            let present = find(self.db.reader(), owner, job).await?;
            if present.version > seen || present.state.is_final() || began.elapsed() >= longest {
                return Ok(present);
            }
            tokio::time::sleep(pause).await;
        }
    }

    async fn cancel(&self, owner: UserId, job: JobId) -> Result<Job, JobError> {
        let now = self.clock.now();
        self.db
            .write(Keys::none(), move |tx| async move {
                find(&*tx, owner, job).await?;
                cancel(&tx, job, now).await?;
                find(&*tx, owner, job).await
            })
            .await
    }
}

/// A job of any owner; `None` if it has been purged.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn find_any(db: &impl ConnectionTrait, job: JobId) -> Result<Option<Job>, ServiceError> {
    let row = job::Entity::find_by_id(job.to_string()).one(db).await.map_err(service_error)?;
    row.map(view).transpose()
}

/// Cancels a job that waits, or asks a running one to stop.
///
/// # Errors
/// [`JobError::Finished`].
pub(crate) async fn cancel(tx: &Tx, job: JobId, now: Time) -> Result<(), JobError> {
    let waiting = "UPDATE jobs SET state = 'canceled', finished_at = $2, version = version + 1
                   WHERE id = $1 AND state IN ('scheduled', 'queued')";
    let running = "UPDATE jobs SET cancel_requested = TRUE, version = version + 1 WHERE id = $1 AND state = 'running'";
    // A job that starts or goes back meanwhile is found by one of three.
    let (id, now) = (Value::from(job.to_string()), Value::from(now));
    let canceled = execute(tx, waiting, [id.clone(), now.clone()]).await?
        + execute(tx, running, [id.clone()]).await?
        + execute(tx, waiting, [id, now]).await?;
    if canceled > 0 { Ok(()) } else { Err(JobError::Finished) }
}
