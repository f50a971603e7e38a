//! The clock of a test: moving it runs the tasks that become due.
//!
//! A jump invalidates nothing. Every cached value carries the moment until which it is true by itself, and each read judges it by
//! the clock of its server; tokens likewise. The age of the change log and all time-outs are measured by the machine's own time,
//! which no jump changes. In the memory of a process a jump ends leases and barriers early; a value that is filled then is dropped
//! at the write's end and refused by the change log, as after any barrier that was lost.
//!
//! Each server has its own clock: move all of them.

use std::sync::Arc;

use async_trait::async_trait;
use domain::identity::{Actor, Forbidden};
use domain::ops::{ClockError, Reading, TestClock};
use domain::{Clock, ServiceError, Time};

use crate::clock::MovableClock;
use crate::jobs::Scheduler;

/// A clock, and the tasks that become due when it is moved.
pub(crate) struct ScheduledClock {
    pub(crate) clock: Arc<MovableClock>,
    pub(crate) scheduler: Arc<Scheduler>,
}

#[async_trait]
impl TestClock for ScheduledClock {
    fn read(&self, actor: &Actor) -> Result<Reading, Forbidden> {
        actor.require_admin()?;
        Ok(Reading { now: self.clock.now() })
    }

    async fn advance(&self, actor: &Actor, to: Time) -> Result<Reading, ClockError> {
        actor.require_admin()?;
        self.clock.move_to(to).map_err(|_| ClockError::Backwards)?;
        // To its end, even if the caller goes away: the next move then finds nothing half done.
        let scheduler = Arc::clone(&self.scheduler);
        tokio::spawn(async move { scheduler.run_until_idle().await }).await.map_err(ServiceError::bug)??;
        Ok(Reading { now: self.clock.now() })
    }
}
