//! What an attempt knows of its job.

use std::time::{Duration, Instant};

use domain::ServiceError;
use domain::ids::JobId;
use parking_lot::Mutex;
use sea_orm::Value;

use super::settlement::Claimed;
use crate::db::{Database, Keys, execute};

/// The shortest interval between two writes of the progress of a job.
const INTERVAL: Duration = Duration::from_millis(500);

/// An attempt in progress.
pub(crate) struct Run {
    db: Database,
    claim: Claimed,
    written: Mutex<Option<Instant>>,
}

impl Run {
    pub(super) fn new(db: Database, claim: Claimed) -> Self {
        Self { db, claim, written: Mutex::new(None) }
    }

    /// The job, the same for all its attempts.
    pub(crate) fn job(&self) -> JobId {
        self.claim.job
    }

    /// Stores the part that is done, from 0 to 1, for the owner to read. A call within half a second of the last one is ignored.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn progress(&self, done: f64) -> Result<(), ServiceError> {
        let now = Instant::now();
        let is_due = {
            let mut written = self.written.lock();
            let is_due = written.is_none_or(|written| now.duration_since(written) >= INTERVAL);
            if is_due {
                *written = Some(now);
            }
            is_due
        };
        if is_due { self.write(done).await } else { Ok(()) }
    }

    async fn write(&self, done: f64) -> Result<(), ServiceError> {
        #[expect(clippy::cast_possible_truncation, reason = "clamped to 0 to 1000")]
        let thousandths = (done.clamp(0.0, 1.0) * 1000.0) as i64;
        let Claimed { job, worker, fence, .. } = self.claim.clone();
        let sql = "UPDATE jobs SET progress = $1, version = version + 1
                   WHERE id = $2 AND state = 'running' AND worker_id = $3 AND fence = $4";
        let values: [Value; 4] = [thousandths.into(), job.to_string().into(), worker.to_string().into(), fence.into()];
        self.db.write(Keys::none(), move |tx| async move { execute(&tx, sql, values).await.map(drop) }).await
    }
}
