//! The scheduled task that resumes erasures whose job was canceled or has failed.

use async_trait::async_trait;
use domain::ids::UserId;
use domain::{ServiceError, Time};
use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};

use super::job::enqueue_erasure;
use crate::db::{Database, Keys, Tx, execute, id, service_error};
use crate::jobs::ScheduledTask;

/// Enqueues the erasures again that are not done and have no open job: a deleted account is erased whatever happens to a job.
pub(crate) struct ResumeErasures(pub(crate) Database);

#[derive(FromQueryResult)]
struct Stopped {
    user_id: String,
    job_id: String,
}

const STOPPED: &str = "SELECT user_id, job_id FROM account_erasures e WHERE erased_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = e.job_id AND j.finished_at IS NULL) ORDER BY user_id LIMIT 100";

#[async_trait]
impl ScheduledTask for ResumeErasures {
    fn name(&self) -> &'static str {
        "resume_erasures"
    }

    async fn run(&self, now: Time) -> Result<u64, ServiceError> {
        let db = self.0.reader();
        let stopped = Stopped::find_by_statement(Statement::from_string(db.get_database_backend(), STOPPED)).all(db).await;
        let mut resumed = 0;
        for stopped in stopped.map_err(service_error)? {
            resumed += self.resume(stopped, now).await?;
        }
        Ok(resumed)
    }
}

impl ResumeErasures {
    /// Returns 0 if another process has resumed it.
    async fn resume(&self, Stopped { user_id, job_id: stopped }: Stopped, now: Time) -> Result<u64, ServiceError> {
        let user: UserId = id(&user_id)?;
        self.0
            .write(Keys::none().enqueuing(), move |tx: Tx| async move {
                let sql = "UPDATE account_erasures SET job_id = '' WHERE user_id = $1 AND job_id = $2 AND erased_at IS NULL";
                let values: [Value; 2] = [user_id.as_str().into(), stopped.into()];
                if execute(&tx, sql, values).await? == 0 {
                    return Ok(0);
                }
                let job = enqueue_erasure(&tx, user, now).await?;
                let sql = "UPDATE account_erasures SET job_id = $1 WHERE user_id = $2";
                execute(&tx, sql, [job.to_string().into(), user_id.into()]).await
            })
            .await
    }
}
