//! Runs one scheduled task, for one caller at a time, and counts the runs.

use std::error::Error;
use std::iter::successors;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use domain::ops::TaskStatistics;
use domain::{Clock, ServiceError};
use parking_lot::Mutex;

use super::ScheduledTask;

/// A task, and the counts of its runs.
pub(super) struct TaskRunner {
    task: Arc<dyn ScheduledTask>,
    /// A caller that gets it knows that no earlier run is under way.
    turn: tokio::sync::Mutex<()>,
    succeeded: AtomicU64,
    failed: AtomicU64,
    done: AtomicU64,
    /// When the last run that succeeded began.
    last: Mutex<Instant>,
}

impl TaskRunner {
    pub(super) fn of(task: Arc<dyn ScheduledTask>) -> Self {
        let count = AtomicU64::default;
        let (turn, last) = (tokio::sync::Mutex::default(), Mutex::new(Instant::now()));
        Self { task, turn, succeeded: count(), failed: count(), done: count(), last }
    }

    /// Runs the task once, in a tokio task of its own, which may panic.
    pub(super) async fn run(&self, clock: &dyn Clock) -> Result<u64, ServiceError> {
        let _turn = self.turn.lock().await;
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

    /// What the runs came to.
    pub(super) fn statistics(&self) -> TaskStatistics {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        TaskStatistics {
            name: self.task.name(),
            succeeded: read(&self.succeeded),
            failed: read(&self.failed),
            done: read(&self.done),
            lag: self.last.lock().elapsed(),
        }
    }
}

fn log(task: &str, error: &ServiceError) {
    let chain: Vec<String> = successors(Some(error as &dyn Error), |&error| error.source()).map(ToString::to_string).collect();
    let cause = chain.join(": ");
    match error {
        ServiceError::Unavailable(_) => tracing::warn!(task, cause, "a scheduled task could not be run now"),
        ServiceError::Bug(_) => tracing::error!(task, cause, "a scheduled task failed"),
    }
}
