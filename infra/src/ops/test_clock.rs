//! The test clock: a move runs the scheduled tasks that become due.
//!
//! A move invalidates no cached value. Cached values and tokens carry the end of their validity, which each read compares to the
//! clock of its server. The lag of the change log and all time-outs use the monotonic time of the machine, which a move does not
//! change. In the in-process store a move can expire leases and barriers early. A value that is filled then is dropped at the end of
//! the write and refused by the change log.
//!
//! Each server has its own clock. A test must move the clocks of all servers.

use std::sync::Arc;

use async_trait::async_trait;
use domain::identity::{Area, Forbidden, Principal};
use domain::ops::{ClockError, Reading, TestClock};
use domain::{Clock, ServiceError, Time};

use crate::clock::MovableClock;
use crate::jobs::Scheduler;

/// A movable clock, and the scheduler of the tasks that become due when it is moved.
pub(crate) struct ScheduledClock {
    pub(crate) clock: Arc<MovableClock>,
    pub(crate) scheduler: Arc<Scheduler>,
}

#[async_trait]
impl TestClock for ScheduledClock {
    fn read(&self, actor: &Principal) -> Result<Reading, Forbidden> {
        actor.require_admin(Area::Cache)?;
        Ok(Reading { now: self.clock.now() })
    }

    async fn advance(&self, actor: &Principal, to: Time) -> Result<Reading, ClockError> {
        actor.require_admin(Area::Cache)?;
        self.clock.move_to(to).map_err(|_| ClockError::Backwards)?;
        // In its own task, so that the run completes even if the caller disconnects.
        let scheduler = Arc::clone(&self.scheduler);
        tokio::spawn(async move { scheduler.run_until_idle().await }).await.map_err(ServiceError::bug)??;
        Ok(Reading { now: self.clock.now() })
    }
}
