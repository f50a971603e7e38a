//! The jobs of a user.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use domain::ids::{JobId, UserId};
use domain::jobs::{Job, JobError, JobService};
use domain::page::{Page, PageRequest};
use domain::{Clock, ServiceError, Time};
use sea_orm::sea_query::Order;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Select, Statement, Value};

use super::entities::job;
use super::rows::view;
use crate::db::{Database, Keys, Tx, page_of, service_error};

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

/// Cancels a job that waits, or asks a running one to stop.
pub(super) async fn cancel(tx: &Tx, job: JobId, now: Time) -> Result<(), JobError> {
    let waiting = "UPDATE jobs SET state = 'canceled', finished_at = $2, version = version + 1
                   WHERE id = $1 AND state IN ('scheduled', 'queued')";
    let running = "UPDATE jobs SET cancel_requested = TRUE, version = version + 1 WHERE id = $1 AND state = 'running'";
    let update = async |sql, values: Vec<Value>| -> Result<bool, ServiceError> {
        let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
        Ok(tx.execute_raw(statement).await.map_err(service_error)?.rows_affected() == 1)
    };
    // A job that starts or goes back meanwhile is found by one of three.
    let is_canceled = update(waiting, vec![job.to_string().into(), now.into()]).await?
        || update(running, vec![job.to_string().into()]).await?
        || update(waiting, vec![job.to_string().into(), now.into()]).await?;
    if is_canceled { Ok(()) } else { Err(JobError::Finished) }
}
