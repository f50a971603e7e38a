//! Runs one scheduled task, one run at a time, and counts the runs.

use std::error::Error;
use std::iter::successors;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use domain::ops::TaskStatistics;
use domain::{Clock, ServiceError};
use parking_lot::Mutex;

use super::scheduler::ScheduledTask;

/// A task and the statistics of its runs.
pub(super) struct TaskRunner {
    task: Arc<dyn ScheduledTask>,
    /// Held during a run, so that runs of this server do not overlap.
    running: tokio::sync::Mutex<()>,
    succeeded: AtomicU64,
    failed: AtomicU64,
    done: AtomicU64,
    /// The start of the last successful run.
    last: Mutex<Instant>,
}

impl TaskRunner {
    pub(super) fn of(task: Arc<dyn ScheduledTask>) -> Self {
        let count = AtomicU64::default;
        let (running, last) = (tokio::sync::Mutex::default(), Mutex::new(Instant::now()));
        Self { task, running, succeeded: count(), failed: count(), done: count(), last }
    }

    /// Whether the task works on the memory of this process.
    pub(super) fn is_local(&self) -> bool {
        self.task.is_local()
    }

    /// Runs the task once, in a tokio task of its own, so that a panic becomes an error.
    pub(super) async fn run(&self, clock: &dyn Clock) -> Result<u64, ServiceError> {
        let _running = self.running.lock().await;
        let (task, now, began) = (Arc::clone(&self.task), clock.now(), Instant::now());
        let outcome =
            tokio::spawn(async move { task.run(now).await }).await.unwrap_or_else(|panic| Err(ServiceError::bug(panic)));
        match &outcome {
            Ok(done) => {
                self.succeeded.fetch_add(1, Ordering::Relaxed);
                self.done.fetch_add(*done, Ordering::Relaxed);
                *self.last.lock() = began;
            }
            Err(error) => {
                self.failed.fetch_add(1, Ordering::Relaxed);
                log(self.task.name(), error);
            }
        }
        outcome
    }

    /// The statistics of the runs.
    pub(super) fn statistics(&self) -> TaskStatistics {
        let load = |count: &AtomicU64| count.load(Ordering::Relaxed);
        TaskStatistics {
            name: self.task.name(),
            succeeded: load(&self.succeeded),
            failed: load(&self.failed),
            done: load(&self.done),
            lag: self.last.lock().elapsed(),
        }
    }
}

fn log(task: &str, error: &ServiceError) {
    let chain: Vec<String> = successors(Some(error as &dyn Error), |&error| error.source()).map(ToString::to_string).collect();
    let cause = chain.join(": ");
    match error {
        ServiceError::Unavailable(_) => {
            tracing::warn!(task, cause, "a scheduled task failed because a dependency is unavailable; it is run again");
        }
        ServiceError::Bug(_) => tracing::error!(task, cause, "a scheduled task failed; it is run again"),
    }
}
