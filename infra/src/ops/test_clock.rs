//! The test clock: a move shifts the time of the product on every server of the database, and runs the tasks and jobs that become due.
//!
//! The offset is a row, which each server reads with its next poll of the change log. A move is written like a write that announces a
//! key: when it is acknowledged, every server has read the log since, or serves no cached value.
//!
//! A move invalidates no cached value. Cached values and tokens carry the end of their validity, which each read compares to the
//! time of the product. Leases, barriers, the lag of the change log and all time-outs use the monotonic time of the machine, which
//! a move does not change.

use std::sync::Arc;

use async_trait::async_trait;
use domain::identity::{Area, Forbidden, Principal};
use domain::ops::{ClockError, Reading, TestClock};
use domain::{Clock, ServiceError, Time};

use crate::clock::ProductClock;
use crate::db::{Database, Keys, move_time, read_time};
use crate::jobs::{JobWorker, Scheduler};

/// The key of the log row of a move. No value has it.
const MOVED: &str = "product_clock";

/// The clock of all services, and those who run what becomes due when it is moved.
pub(crate) struct ScheduledClock {
    pub(crate) clock: Arc<ProductClock>,
    pub(crate) db: Database,
    pub(crate) scheduler: Arc<Scheduler>,
    pub(crate) jobs: Arc<JobWorker>,
}

#[async_trait]
impl TestClock for ScheduledClock {
    fn read(&self, actor: &Principal) -> Result<Reading, Forbidden> {
        actor.require_admin(Area::Cache)?;
        Ok(Reading { now: self.clock.now() })
    }

    async fn advance(&self, actor: &Principal, to: Time) -> Result<Reading, ClockError> {
        actor.require_admin(Area::Cache)?;
        let moved = self.db.write(Keys::none().announcing(MOVED), move |tx| async move {
            if move_time(&tx, to).await? { Ok(()) } else { Err(ClockError::Backwards) }
        });
        moved.await?;
        // This server's own poll may still be on its way.
        self.clock.synchronise(&read_time(self.db.reader()).await?);
        // In its own task, so that the run completes even if the caller disconnects.
        let (scheduler, jobs) = (Arc::clone(&self.scheduler), Arc::clone(&self.jobs));
        tokio::spawn(async move { run_until_idle(&scheduler, &jobs).await }).await.map_err(ServiceError::bug)??;
        Ok(Reading { now: self.clock.now() })
    }
}

/// Runs what is due. Jobs may make tasks due, and tasks may enqueue jobs.
async fn run_until_idle(scheduler: &Scheduler, jobs: &JobWorker) -> Result<(), ServiceError> {
    loop {
        scheduler.run_until_idle().await?;
        if !jobs.wait_for_open().await? {
            return Ok(());
        }
    }
}
