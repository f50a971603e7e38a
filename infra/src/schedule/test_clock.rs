//! The clock of a test, as its administrator sees it: moving it does what has become due.
//!
//! Nothing cached has to be told of a jump. Every cached value carries the moment until which it is true by itself, and is judged
//! at each read by the clock of the server that reads it; and so are tokens. The age of the change log and all time-outs are
//! measured by the machine's own time, which no jump changes. In the memory of a process a jump ends leases and barriers early;
//! what is filled then is dropped at the write's end and refused by the change log, as after any barrier that was lost.
//!
//! Each server has its own clock: whoever moves one moves all of them.

use std::sync::Arc;

use async_trait::async_trait;
use domain::accounts::{Actor, Forbidden};
use domain::clock::{ClockError, Reading};
use domain::{Clock, Fault, TestClock, Time};

use super::Scheduler;
use crate::clock::MovableClock;

/// A clock, and what falls due when it is moved.
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
        // To its end, even if the caller goes away: then whoever moves it again finds nothing half done.
        let scheduler = Arc::clone(&self.scheduler);
        tokio::spawn(async move { scheduler.run_until_idle().await }).await.map_err(Fault::bug)??;
        Ok(Reading { now: self.clock.now() })
    }
}
