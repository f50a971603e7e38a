//! Scheduled tasks: work that is found by looking, such as what has expired.
//!
//! Every server runs every task about once a second. A task finds due items, claims them under row locks and processes them in the
//! same transaction. So each item is processed once by any number of servers, also after a `kill -9` or downtime. A task that fails
//! or panics is logged, counted and run again. Features implement the tasks.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use async_trait::async_trait;
use domain::ops::TaskStatistics;
use domain::{Clock, ServiceError, Time};

use super::runner::TaskRunner;
use super::timing;

/// Work that becomes due with time.
#[async_trait]
pub(crate) trait ScheduledTask: Send + Sync {
    /// The name in metrics and in the log.
    fn name(&self) -> &'static str;

    /// Whether it works on the memory of this process. Then every process runs it; else any process may do the work of all.
    fn is_local(&self) -> bool {
        false
    }

    /// Processes items that are due at `now`, not necessarily all of them. Returns their number, 0 if nothing is due. Another server
    /// may run the task at the same time.
    ///
    /// # Errors
    /// When items could not be processed. The task is run again.
    async fn run(&self, now: Time) -> Result<u64, ServiceError>;
}

/// All scheduled tasks of one server.
pub(crate) struct Scheduler {
    runners: Vec<Arc<TaskRunner>>,
    clock: Arc<dyn Clock>,
    /// Only the tasks that are local to this process are run.
    local_only: AtomicBool,
}

impl Scheduler {
    /// A scheduler that has not been started.
    pub(crate) fn new(tasks: Vec<Arc<dyn ScheduledTask>>, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self {
            runners: tasks.into_iter().map(|task| Arc::new(TaskRunner::of(task))).collect(),
            clock,
            local_only: false.into(),
        })
    }

    /// Runs the tasks repeatedly until the scheduler is dropped: all, or those that are local to this process.
    pub(crate) fn start(&self, all: bool) {
        self.start_with(all, timing::pause);
    }

    fn start_with(&self, all: bool, pause: fn() -> Duration) {
        self.local_only.store(!all, Ordering::Relaxed);
        for runner in self.started() {
            tokio::spawn(repeat(Arc::downgrade(runner), Arc::clone(&self.clock), pause));
        }
    }

    fn started(&self) -> impl Iterator<Item = &Arc<TaskRunner>> {
        let all = !self.local_only.load(Ordering::Relaxed);
        self.runners.iter().filter(move |runner| all || runner.is_local())
    }

    /// Runs all tasks until none of them processes an item.
    ///
    /// # Errors
    /// When a task fails, or when items are still due after [`timing::MAX_ROUNDS`] rounds.
    pub(crate) async fn run_until_idle(&self) -> Result<(), ServiceError> {
        for _ in 0..timing::MAX_ROUNDS {
            let mut done = 0;
            for runner in &self.runners {
                done += runner.run(&*self.clock).await?;
            }
            if done == 0 {
                return Ok(());
            }
        }
        Err(ServiceError::bug(format!("items were still due after {} rounds of the scheduled tasks", timing::MAX_ROUNDS)))
    }

    /// The statistics of each task that this process runs.
    pub(crate) fn statistics(&self) -> Vec<TaskStatistics> {
        self.started().map(|runner| runner.statistics()).collect()
    }
}

async fn repeat(runner: Weak<TaskRunner>, clock: Arc<dyn Clock>, pause: fn() -> Duration) {
    loop {
        tokio::time::sleep(pause()).await;
        let Some(runner) = runner.upgrade() else { return };
        // More than one batch may be due, for example after downtime.
        while runner.run(&*clock).await.is_ok_and(|done| done > 0) {}
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use super::*;
    use crate::clock::SystemClock;

    /// Panics once, fails once, then processes one item per run until none is left.
    struct Unreliable {
        runs: AtomicU64,
        left: AtomicU64,
    }

    #[async_trait]
    impl ScheduledTask for Unreliable {
        fn name(&self) -> &'static str {
            "unreliable"
        }

        async fn run(&self, _: Time) -> Result<u64, ServiceError> {
            match self.runs.fetch_add(1, Ordering::SeqCst) {
                0 => panic!("for the test"),
                1 => Err(ServiceError::unavailable("for the test")),
                _ => {
                    Ok(u64::from(self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()))
                }
            }
        }
    }

    fn unreliable(left: u64) -> (Arc<Unreliable>, Arc<Scheduler>) {
        let task = Arc::new(Unreliable { runs: AtomicU64::new(0), left: AtomicU64::new(left) });
        (Arc::clone(&task), Scheduler::new(vec![task], Arc::new(SystemClock)))
    }

    fn briefly() -> Duration {
        Duration::from_millis(1)
    }

    async fn wait_until(holds: impl Fn() -> bool) {
        let waiting = async {
            while !holds() {
                tokio::time::sleep(briefly()).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), waiting).await.expect("the condition holds in time");
    }

    #[tokio::test]
    async fn a_task_that_panics_or_fails_is_run_again_and_counted() {
        let (_, scheduler) = unreliable(3);
        scheduler.start_with(true, briefly);
        wait_until(|| scheduler.statistics()[0].succeeded >= 4).await;
        let statistics = &scheduler.statistics()[0];
        assert_eq!((statistics.failed, statistics.done), (2, 3));
    }

    #[tokio::test]
    async fn the_loops_end_when_the_scheduler_is_dropped() {
        let (task, scheduler) = unreliable(0);
        scheduler.start_with(true, briefly);
        drop(scheduler);
        wait_until(|| Arc::strong_count(&task) == 1).await;
    }

    #[tokio::test]
    async fn run_until_idle_processes_all_items_and_returns_errors() {
        let (task, scheduler) = unreliable(1000);
        for _ in 0..2 {
            assert!(scheduler.run_until_idle().await.is_err());
        }
        scheduler.run_until_idle().await.unwrap();
        assert_eq!(task.left.load(Ordering::SeqCst), 0);
    }

    struct Endless;

    #[async_trait]
    impl ScheduledTask for Endless {
        fn name(&self) -> &'static str {
            "endless"
        }

        async fn run(&self, _: Time) -> Result<u64, ServiceError> {
            Ok(1)
        }
    }

    #[tokio::test]
    async fn run_until_idle_fails_if_items_stay_due() {
        let scheduler = Scheduler::new(vec![Arc::new(Endless)], Arc::new(SystemClock));
        assert!(scheduler.run_until_idle().await.is_err());
    }
}
