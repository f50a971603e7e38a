//! The scheduler: what falls due by itself, done once however many servers there are.
//!
//! Every server runs every duty, about once a second. A duty looks for what is due, claims it in SQL (under row locks) and does it
//! in the same transaction, so each thing happens once, survives a `kill -9` at any step, and is caught up with after downtime.
//! A duty that fails, or panics, is logged, counted and run again.

mod billing;
mod post;
mod purge;
mod test_clock;
mod timing;

use std::sync::{Arc, Weak};
use std::time::Duration;

use async_trait::async_trait;
use domain::operator::DutyFigures;
use domain::{Clock, Fault, Time};

pub(crate) use billing::{CatchUp, MatchEvents, ReleaseExpired};
pub(crate) use purge::PurgeIdempotencyKeys;
pub(crate) use test_clock::ScheduledClock;

use post::Post;

/// Something that falls due by itself.
#[async_trait]
pub(crate) trait Duty: Send + Sync {
    /// Its name in metrics and in the log.
    fn name(&self) -> &'static str;

    /// Does what is due at `now`, or some of it; answers how many things it did, 0 when nothing is due any more.
    /// Another server may be at it at the same time.
    ///
    /// # Errors
    /// When it could not be done; it is tried again.
    async fn run(&self, now: Time) -> Result<u64, Fault>;
}

/// All duties of one server.
pub(crate) struct Scheduler {
    posts: Vec<Arc<Post>>,
    clock: Arc<dyn Clock>,
}

impl Scheduler {
    /// A scheduler that does nothing by itself yet.
    pub(crate) fn new(duties: Vec<Arc<dyn Duty>>, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self { posts: duties.into_iter().map(|duty| Arc::new(Post::of(duty))).collect(), clock })
    }

    /// Runs every duty again and again, for as long as the scheduler lives.
    pub(crate) fn start(&self) {
        self.start_with(timing::rest);
    }

    fn start_with(&self, rest: fn() -> Duration) {
        for post in &self.posts {
            tokio::spawn(keep_doing(Arc::downgrade(post), Arc::clone(&self.clock), rest));
        }
    }

    /// Runs all duties until none of them finds anything to do.
    ///
    /// # Errors
    /// When one fails, or when they find no end.
    pub(crate) async fn run_until_idle(&self) -> Result<(), Fault> {
        for _ in 0..timing::ROUNDS {
            let mut done = 0;
            for post in &self.posts {
                done += post.run(&*self.clock).await?;
            }
            if done == 0 {
                return Ok(());
            }
        }
        Err(Fault::bug("the scheduler's duties find no end"))
    }

    /// How each duty is done.
    pub(crate) fn figures(&self) -> Vec<DutyFigures> {
        self.posts.iter().map(|post| post.figures()).collect()
    }
}

async fn keep_doing(post: Weak<Post>, clock: Arc<dyn Clock>, rest: fn() -> Duration) {
    loop {
        tokio::time::sleep(rest()).await;
        let Some(post) = post.upgrade() else { return };
        // What has fallen due while nobody was here may be more than one batch.
        while post.run(&*clock).await.is_ok_and(|done| done > 0) {}
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;
    use crate::clock::SystemClock;

    /// Panics once, fails once, then does one thing a run until nothing is left.
    struct Unreliable {
        runs: AtomicU64,
        left: AtomicU64,
    }

    #[async_trait]
    impl Duty for Unreliable {
        fn name(&self) -> &'static str {
            "unreliable"
        }

        async fn run(&self, _: Time) -> Result<u64, Fault> {
            match self.runs.fetch_add(1, Ordering::SeqCst) {
                0 => panic!("for the test"),
                1 => Err(Fault::unavailable("for the test")),
                _ => {
                    Ok(u64::from(self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()))
                }
            }
        }
    }

    fn unreliable(left: u64) -> (Arc<Unreliable>, Arc<Scheduler>) {
        let duty = Arc::new(Unreliable { runs: AtomicU64::new(0), left: AtomicU64::new(left) });
        (Arc::clone(&duty), Scheduler::new(vec![duty], Arc::new(SystemClock)))
    }

    fn briefly() -> Duration {
        Duration::from_millis(1)
    }

    async fn soon(holds: impl Fn() -> bool) {
        let waiting = async {
            while !holds() {
                tokio::time::sleep(briefly()).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), waiting).await.expect("it holds soon");
    }

    #[tokio::test]
    async fn a_duty_that_panics_or_fails_is_run_again_and_counted() {
        let (_, scheduler) = unreliable(3);
        scheduler.start_with(briefly);
        soon(|| scheduler.figures()[0].succeeded >= 4).await;
        let figures = &scheduler.figures()[0];
        assert_eq!((figures.failed, figures.done), (2, 3));
    }

    #[tokio::test]
    async fn the_loops_end_with_their_scheduler() {
        let (duty, scheduler) = unreliable(0);
        scheduler.start_with(briefly);
        drop(scheduler);
        soon(|| Arc::strong_count(&duty) == 1).await;
    }

    #[tokio::test]
    async fn until_idle_means_until_nothing_is_left_and_tells_of_failures() {
        let (duty, scheduler) = unreliable(1000);
        for _ in 0..2 {
            assert!(scheduler.run_until_idle().await.is_err());
        }
        scheduler.run_until_idle().await.unwrap();
        assert_eq!(duty.left.load(Ordering::SeqCst), 0);
    }

    struct Endless;

    #[async_trait]
    impl Duty for Endless {
        fn name(&self) -> &'static str {
            "endless"
        }

        async fn run(&self, _: Time) -> Result<u64, Fault> {
            Ok(1)
        }
    }

    #[tokio::test]
    async fn duties_that_find_no_end_are_given_up() {
        let scheduler = Scheduler::new(vec![Arc::new(Endless)], Arc::new(SystemClock));
        assert!(scheduler.run_until_idle().await.is_err());
    }
}
