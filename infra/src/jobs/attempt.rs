//! One attempt of a job, from its claim to its settlement.

use std::error::Error;
use std::iter::successors;
use std::time::Instant;

use domain::ServiceError;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::claims::Claim;
use super::kind::{AnyKind, Done, Failure};
use super::run::Run;
use super::running::Interrupt;
use super::settlement::{Claimed, Ending, Settled, settle};
use super::timing::SETTLE_PAUSE;
use super::worker::JobWorker;

/// An attempt that a worker makes.
pub(super) struct Attempt<'a> {
    pub(super) worker: &'a JobWorker,
    pub(super) claim: Claim,
    pub(super) interrupted: watch::Receiver<Option<Interrupt>>,
}

impl Attempt<'_> {
    /// Makes the attempt and settles it. An attempt of a worker that is gone is settled by others.
    pub(super) async fn run(mut self) {
        let (started, delay) = (Instant::now(), self.claim.started_at - self.claim.due_at);
        let Some(ending) = self.ending().await else { return };
        let outcome = ending.outcome();
        self.worker.begin_settlement(self.claim.job, self.claim.fence);
        self.settle(ending).await;
        self.worker.counts.record(&self.claim.kind, outcome, delay, started.elapsed());
    }

    /// How the attempt ends; `None` if its worker is gone.
    async fn ending(&mut self) -> Option<Ending> {
        let kind = self.worker.kinds.get(&self.claim.kind)?;
        let run = Run::new(self.worker.db.clone(), self.claimed());
        let payload = self.claim.payload.clone();
        // In its own task, so that a panic is a failure of the job.
        let mut task = AbortOnDrop(tokio::spawn(async move { attempt(&*kind, &payload, &run).await }));
        let outcome = tokio::select! {
            // What is done is settled, even if it was to stop.
            biased;
            outcome = &mut task.0 => outcome.unwrap_or_else(|panic| Err(ServiceError::bug(panic).into())),
            interrupt = interrupt(&mut self.interrupted) => return match interrupt {
                Interrupt::Cancel => Some(Ending::Canceled),
                Interrupt::Stop => Some(Ending::HandedBack),
                Interrupt::Gone => None,
            },
        };
        Some(self.ending_of(outcome))
    }

    fn ending_of(&self, outcome: Result<Done, Failure>) -> Ending {
        match outcome {
            Ok(done) => Ending::Succeeded(done),
            Err(Failure::Permanent(error)) => Ending::Failed { error, again: None },
            Err(Failure::Retry(error)) => self.failed(&error),
        }
    }

    /// The ending of an attempt after which another one may succeed.
    fn failed(&self, error: &ServiceError) -> Ending {
        let causes = successors(Some(error as &dyn Error), |&error| error.source());
        let error = causes.map(ToString::to_string).collect::<Vec<_>>().join(": ");
        let max_attempts = self.worker.kinds.spec(&self.claim.kind).map_or(1, |spec| spec.max_attempts);
        Ending::failed(error, self.claim.failures, max_attempts, self.worker.clock.now())
    }

    /// Settles, and repeats that until its outcome is known or this worker is gone.
    async fn settle(&mut self, mut ending: Ending) {
        let (job, kind) = (self.claim.job, &self.claim.kind);
        if let Ending::Failed { error, again } = &ending {
            tracing::warn!(%job, kind, error, again = ?again, "an attempt of a job failed");
        }
        loop {
            match settle(&self.worker.db, self.claimed(), ending.clone(), self.worker.clock.now()).await {
                Ok(Settled::Yes) => return,
                Ok(Settled::Lost) => return tracing::info!(%job, kind, "a job was lost: other workers found this one gone"),
                Err(ServiceError::Unavailable(cause)) => {
                    tracing::debug!(%job, kind, %cause, "the settlement of a job is repeated");
                }
                Err(ServiceError::Bug(cause)) if matches!(ending, Ending::Succeeded(_)) => {
                    tracing::error!(%job, kind, %cause, "the effect of a job failed");
                    ending = self.failed(&ServiceError::Bug(cause));
                }
                Err(ServiceError::Bug(cause)) => {
                    return tracing::error!(%job, kind, %cause, "a job was not settled; it is handed back");
                }
            }
            if *self.interrupted.borrow() == Some(Interrupt::Gone) {
                return;
            }
            sleep(SETTLE_PAUSE).await;
        }
    }

    fn claimed(&self) -> Claimed {
        let Claim { job, worker, fence, started_at, ref serial_key, .. } = self.claim;
        Claimed { job, worker, fence, started_at, serial_key: serial_key.clone() }
    }
}

async fn attempt(kind: &dyn AnyKind, payload: &str, run: &Run) -> Result<Done, Failure> {
    let deadline = kind.spec().deadline;
    let late = |_| Err(Failure::retry(format!("the attempt took longer than {} s", deadline.as_secs())));
    timeout(deadline, kind.run(payload, run)).await.unwrap_or_else(late)
}

/// What interrupts an attempt. It waits for ever if nothing does.
async fn interrupt(interrupted: &mut watch::Receiver<Option<Interrupt>>) -> Interrupt {
    match interrupted.wait_for(Option::is_some).await.map(|interrupt| *interrupt) {
        Ok(Some(interrupt)) => interrupt,
        _ => std::future::pending().await,
    }
}

/// A task that ends when it is no longer waited for.
struct AbortOnDrop<T>(tokio::task::JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
