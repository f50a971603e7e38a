//! One duty at its post: run by one caller at a time, and counted.

use std::error::Error;
use std::iter::successors;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use domain::operator::DutyFigures;
use domain::{Clock, Fault};
use parking_lot::Mutex;

use super::Duty;

/// A duty, and how it is done.
pub(super) struct Post {
    duty: Arc<dyn Duty>,
    /// Who waits for it knows afterwards that no run of before is still under way.
    turn: tokio::sync::Mutex<()>,
    succeeded: AtomicU64,
    failed: AtomicU64,
    done: AtomicU64,
    /// When the last run that succeeded began.
    last: Mutex<Instant>,
}

impl Post {
    pub(super) fn of(duty: Arc<dyn Duty>) -> Self {
        let count = AtomicU64::default;
        let (turn, last) = (tokio::sync::Mutex::default(), Mutex::new(Instant::now()));
        Self { duty, turn, succeeded: count(), failed: count(), done: count(), last }
    }

    /// Runs the duty once, in a task of its own, which may panic.
    pub(super) async fn run(&self, clock: &dyn Clock) -> Result<u64, Fault> {
        let _turn = self.turn.lock().await;
        let (duty, now, began) = (Arc::clone(&self.duty), clock.now(), Instant::now());
        let outcome = tokio::spawn(async move { duty.run(now).await }).await.unwrap_or_else(|panic| Err(Fault::bug(panic)));
        match &outcome {
            Ok(done) => {
                self.succeeded.fetch_add(1, Ordering::Relaxed);
                self.done.fetch_add(*done, Ordering::Relaxed);
                *self.last.lock() = began;
            }
            Err(fault) => {
                self.failed.fetch_add(1, Ordering::Relaxed);
                log(self.duty.name(), fault);
            }
        }
        outcome
    }

    /// How it is done.
    pub(super) fn figures(&self) -> DutyFigures {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        DutyFigures {
            name: self.duty.name(),
            succeeded: read(&self.succeeded),
            failed: read(&self.failed),
            done: read(&self.done),
            lag: self.last.lock().elapsed(),
        }
    }
}

fn log(duty: &str, fault: &Fault) {
    let chain: Vec<String> = successors(Some(fault as &dyn Error), |&error| error.source()).map(ToString::to_string).collect();
    let cause = chain.join(": ");
    match fault {
        Fault::Unavailable(_) => tracing::warn!(duty, cause, "a duty of the scheduler could not be done now"),
        Fault::Bug(_) => tracing::error!(duty, cause, "a duty of the scheduler failed"),
    }
}
