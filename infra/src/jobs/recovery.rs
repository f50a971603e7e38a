//! The scheduled tasks that move jobs: those whose time has come, and those whose worker is gone.

use async_trait::async_trait;
use domain::ids::WorkerId;
use domain::{ServiceError, Time};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};

use super::scheduler::ScheduledTask;
use super::settlement::{Claimed, Ending, Settled, settle};
use super::timing::BATCH;
use crate::db::{Database, Keys, id, missing, service_error, violated_unique};

/// Queues jobs whose time has come. Of jobs with one serial key it queues one, and only if none is queued or runs.
pub(crate) struct PromoteJobs(pub(crate) Database);

#[derive(FromQueryResult)]
struct Due {
    id: String,
}

/// The first due job of each serial key that is free.
const FIRST_OF_KEY: &str =
    "SELECT MIN(j.id) AS id FROM jobs j WHERE j.state = 'scheduled' AND j.run_at <= $1 AND j.serial_key IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM jobs o WHERE o.serial_key = j.serial_key AND o.state IN ('queued', 'running'))
    GROUP BY j.serial_key LIMIT $2";

const ONE: &str = "UPDATE jobs SET state = 'queued', version = version + 1 WHERE id = $1 AND state = 'scheduled'";

#[async_trait]
impl ScheduledTask for PromoteJobs {
    fn name(&self) -> &'static str {
        "promote_jobs"
    }

    async fn run(&self, now: Time) -> Result<u64, ServiceError> {
        Ok(self.without_key(now).await? + self.with_key(now).await?)
    }
}

impl PromoteJobs {
    async fn without_key(&self, now: Time) -> Result<u64, ServiceError> {
        let first =
            "SELECT id FROM jobs WHERE state = 'scheduled' AND run_at <= $1 AND serial_key IS NULL ORDER BY run_at LIMIT 1";
        if self.due(first, vec![now.into()]).await?.is_empty() {
            return Ok(0);
        }
        // A job that a transaction holds, because an equal one was enqueued, is queued later.
        let lock = if self.0.reader().get_database_backend() == DbBackend::Postgres { "FOR UPDATE SKIP LOCKED" } else { "" };
        let sql = format!(
            "UPDATE jobs SET state = 'queued', version = version + 1 WHERE state = 'scheduled' AND id IN
             (SELECT id FROM jobs WHERE state = 'scheduled' AND run_at <= $1 AND serial_key IS NULL ORDER BY run_at LIMIT $2 {lock})"
        );
        self.update(sql, vec![now.into(), batch()?]).await
    }

    async fn with_key(&self, now: Time) -> Result<u64, ServiceError> {
        let mut promoted = 0;
        for due in self.due(FIRST_OF_KEY, vec![now.into(), batch()?]).await? {
            promoted += self.update(ONE.to_owned(), vec![due.id.into()]).await?;
        }
        Ok(promoted)
    }

    async fn due(&self, sql: &'static str, values: Vec<Value>) -> Result<Vec<Due>, ServiceError> {
        let db = self.0.reader();
        let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
        Due::find_by_statement(statement).all(db).await.map_err(service_error)
    }

    async fn update(&self, sql: String, values: Vec<Value>) -> Result<u64, ServiceError> {
        self.0
            .write(Keys::none().enqueuing(), move |tx| async move {
                let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
                match tx.execute_raw(statement).await {
                    Ok(updated) => Ok(updated.rows_affected()),
                    // Another worker has queued a job with the key.
                    Err(error) if violated_unique(&error).is_some() => Err(ServiceError::unavailable(error)),
                    Err(error) => Err(service_error(error)),
                }
            })
            .await
    }
}

fn batch() -> Result<Value, ServiceError> {
    Ok(i64::try_from(BATCH).map_err(ServiceError::bug)?.into())
}

/// Runs jobs again whose worker is gone.
pub(crate) struct RecoverJobs(pub(crate) Database);

#[derive(FromQueryResult)]
struct Lost {
    id: String,
    worker_id: String,
    fence: i64,
    losses: i64,
    serial_key: Option<String>,
    started_at: Option<Time>,
}

const LOST: &str = "SELECT id, worker_id, fence, losses, serial_key, started_at FROM jobs
    WHERE state = 'running' AND NOT EXISTS (SELECT 1 FROM workers w WHERE w.id = jobs.worker_id) ORDER BY id LIMIT $1";

#[async_trait]
impl ScheduledTask for RecoverJobs {
    fn name(&self) -> &'static str {
        "recover_jobs"
    }

    async fn run(&self, now: Time) -> Result<u64, ServiceError> {
        let db = self.0.reader();
        let statement = Statement::from_sql_and_values(db.get_database_backend(), LOST, [batch()?]);
        let mut recovered = 0;
        for lost in Lost::find_by_statement(statement).all(db).await.map_err(service_error)? {
            recovered += u64::from(self.recover(lost, now).await?);
        }
        Ok(recovered)
    }
}

impl RecoverJobs {
    async fn recover(&self, lost: Lost, now: Time) -> Result<bool, ServiceError> {
        let Lost { id: job, worker_id, fence, losses, serial_key, started_at } = lost;
        let worker: WorkerId = id(&worker_id)?;
        let started_at = started_at.ok_or_else(|| missing("start of a running job"))?;
        let claim = Claimed { job: id(&job)?, worker, fence, started_at, serial_key };
        tracing::warn!(%job, %worker, losses = losses + 1, "the worker of a job is gone");
        Ok(settle(&self.0, claim, Ending::Lost { losses }, now).await? == Settled::Yes)
    }
}
