//! Runs jobs: claims as many as there are free slots, makes the attempts and settles them.
//!
//! A hint wakes the worker when this process enqueues a job; a poll finds what others enqueued. A slot that becomes free is filled from
//! its queue without another search, unless the last claim took all that was there. All claims are made by one task, so a claim of this
//! worker in the database that is not running here is left over from a claim whose outcome was unknown, and is handed back.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use domain::ids::{JobId, WorkerId};
use domain::jobs::BackgroundWork;
use domain::ops::JobStatistics;
use domain::{Clock, ServiceError};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::attempt::Attempt;
use super::claims::{self, Claim, Request};
use super::kind::Kinds;
use super::queue::Queue;
use super::running::{Interrupt, Running};
use super::settlement::{Claimed, Ending, settle};
use super::statistics::Counts;
use super::timing::{BY_AGE, DRAIN, GRACE, LOOK, POLL, REVIEW};
use crate::db::Database;

/// What a worker of jobs needs.
pub(crate) struct Parts {
    pub(crate) db: Database,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) kinds: Kinds,
    /// The present identifier of this process among the workers.
    pub(crate) worker: Arc<dyn Fn() -> WorkerId + Send + Sync>,
    /// How many jobs of the default queue run at once.
    pub(crate) slots: usize,
}

/// Runs the jobs of this process.
pub(crate) struct JobWorker {
    pub(super) db: Database,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) kinds: Kinds,
    worker: Arc<dyn Fn() -> WorkerId + Send + Sync>,
    slots: usize,
    pub(super) running: Running,
    pub(super) counts: Counts,
    stopping: CancellationToken,
    /// A slot has become free.
    freed: Notify,
    /// Held while jobs are claimed and reviewed: the queues that may have more jobs than were claimed.
    claiming: tokio::sync::Mutex<BTreeSet<Queue>>,
}

impl JobWorker {
    /// A worker that has not been started.
    pub(crate) fn new(parts: Parts) -> Arc<Self> {
        let Parts { db, clock, kinds, worker, slots } = parts;
        let (running, counts) = (Running::default(), Counts::default());
        let (stopping, freed, claiming) = (CancellationToken::new(), Notify::new(), tokio::sync::Mutex::default());
        Arc::new(Self { db, clock, kinds, worker, slots, running, counts, stopping, freed, claiming })
    }

    /// Claims and runs jobs until it is stopped.
    pub(crate) fn start(self: &Arc<Self>) {
        if self.slots == 0 {
            return;
        }
        tokio::spawn(Arc::clone(self).repeat());
    }

    /// Whether it runs jobs.
    pub(super) fn is_active(&self) -> bool {
        self.slots > 0 && !self.stopping.is_cancelled()
    }

    /// The statistics of the attempts.
    pub(crate) fn statistics(&self) -> Vec<JobStatistics> {
        self.counts.read()
    }

    /// Waits until no job of these kinds is queued or runs, on any process. Returns whether there was one.
    ///
    /// # Errors
    /// When jobs are still open after 30 s, or the database does not answer.
    pub(crate) async fn wait_for_open(&self) -> Result<bool, ServiceError> {
        let (kinds, began) = (self.kinds.literals(), Instant::now());
        let mut waited = false;
        while self.is_active() && claims::are_open(self.db.reader(), &kinds).await? {
            if began.elapsed() > DRAIN {
                return Err(ServiceError::unavailable("jobs that became due have not ended in time"));
            }
            waited = true;
            sleep(LOOK).await;
        }
        Ok(waited)
    }

    async fn repeat(self: Arc<Self>) {
        let (mut worker, mut searched, mut reviewed) = ((self.worker)(), Instant::now(), Instant::now());
        loop {
            let enqueued = tokio::select! {
                biased;
                () = self.stopping.cancelled() => return,
                () = self.db.job_enqueued() => true,
                () = self.freed.notified() => false,
                () = sleep(POLL) => true,
            };
            let present = (self.worker)();
            if present != worker {
                self.running.interrupt_all(Interrupt::Gone);
                worker = present;
            }
            let mut open = self.claiming.lock().await;
            let search = enqueued || searched.elapsed() >= POLL;
            let mut outcome = self.claim_all(worker, search, &mut open).await;
            if search && outcome.is_ok() {
                searched = Instant::now();
            }
            if outcome.is_ok() && reviewed.elapsed() >= REVIEW {
                outcome = self.review(worker).await;
                reviewed = Instant::now();
            }
            if let Err(error) = outcome {
                // An outage is reported by those who need the database; a bug is not.
                log(&error);
            }
        }
    }

    /// Claims all jobs for which slots are free.
    #[cfg(test)]
    pub(super) async fn claim_now(self: &Arc<Self>, worker: WorkerId) -> Result<(), ServiceError> {
        self.claim_all(worker, true, &mut BTreeSet::new()).await
    }

    /// Claims and starts as many jobs of each open queue as slots are free. A search finds the open queues first.
    async fn claim_all(self: &Arc<Self>, worker: WorkerId, search: bool, open: &mut BTreeSet<Queue>) -> Result<(), ServiceError> {
        let kinds = self.kinds.literals();
        if kinds.is_empty() {
            return Ok(());
        }
        if search {
            let (free, full) = Queue::ALL.into_iter().partition::<Vec<_>, _>(|queue| self.free(*queue) > 0);
            open.clear();
            open.extend(claims::waiting(self.db.reader(), &free, &kinds).await?.into_iter().chain(full));
        }
        for queue in open.clone() {
            let at_most = self.free(queue);
            if at_most > 0 && !self.stopping.is_cancelled() && self.claim(queue, at_most, worker, &kinds).await? < at_most {
                open.remove(&queue);
            }
        }
        Ok(())
    }

    async fn claim(self: &Arc<Self>, queue: Queue, at_most: usize, worker: WorkerId, kinds: &str) -> Result<usize, ServiceError> {
        let by_age = rand::random_ratio(1, BY_AGE);
        let request = Request { worker, queue, kinds: kinds.to_owned(), at_most, by_age };
        let claims = claims::claim(&self.db, request, self.clock.now()).await?;
        let count = claims.len();
        for claim in claims {
            self.spawn(claim, queue);
        }
        Ok(count)
    }

    fn spawn(self: &Arc<Self>, claim: Claim, queue: Queue) {
        let interrupted = self.running.insert(claim.job, claim.fence, queue);
        let worker = Arc::clone(self);
        tokio::spawn(async move {
            let (job, fence) = (claim.job, claim.fence);
            Attempt { worker: &worker, claim, interrupted }.run().await;
            worker.running.remove(job, fence);
            worker.freed.notify_one();
        });
    }

    /// Ends the work of a claim: its slot is free while it is settled.
    pub(super) fn begin_settlement(&self, job: JobId, fence: i64) {
        self.running.begin_settlement(job, fence);
        self.freed.notify_one();
    }

    fn free(&self, queue: Queue) -> usize {
        let (slots, (working, settled)) = (queue.slots(self.slots), self.running.count(queue));
        // Settlements that take long use up the slots too.
        let beside = if queue == Queue::Isolation { 0 } else { slots };
        slots.saturating_sub(working + settled.saturating_sub(beside))
    }

    /// Asks jobs to stop whose cancellation was requested, and hands back claims that are not running here.
    async fn review(&self, worker: WorkerId) -> Result<(), ServiceError> {
        for own in claims::own(self.db.reader(), worker).await? {
            if !self.running.contains(own.job, own.fence) {
                let claimed =
                    Claimed { job: own.job, worker, fence: own.fence, started_at: own.started_at, serial_key: own.serial_key };
                settle(&self.db, claimed, Ending::HandedBack, self.clock.now()).await?;
            } else if own.cancel_requested {
                self.running.interrupt(own.job, Interrupt::Cancel);
            }
        }
        Ok(())
    }

    async fn until_idle(&self) {
        while !self.running.is_empty() {
            sleep(LOOK).await;
        }
    }
}

fn log(error: &ServiceError) {
    match error {
        ServiceError::Unavailable(_) => tracing::debug!(%error, "jobs were not claimed because the database is unavailable"),
        ServiceError::Bug(cause) => tracing::error!(%cause, "jobs were not claimed; this is repeated"),
    }
}

#[async_trait]
impl BackgroundWork for JobWorker {
    async fn stop(&self) {
        self.stopping.cancel();
        // A claim that is on its way is run, or handed back with the others.
        let _claiming = self.claiming.lock().await;
        if timeout(GRACE, self.until_idle()).await.is_err() {
            self.running.interrupt_all(Interrupt::Stop);
            if timeout(GRACE, self.until_idle()).await.is_err() {
                tracing::warn!("jobs were not handed back; other workers find them lost");
            }
        }
        if let Err(error) = self.review((self.worker)()).await {
            tracing::warn!(%error, "claims of unknown outcome were not handed back; other workers find them lost");
        }
    }
}
