//! One run of the checker.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::deployment::{Deployment, Program};
use super::failure_injection::FailureInjector;
use super::failure_log::{Failure, FailureLog};
use super::history::History;
use super::load;
use super::registers::{Register, View};
use super::statistics::Statistics;

/// The parameters of a trial.
pub struct Plan {
    pub seed: u64,
    pub length: Duration,
    pub readers: u64,
    /// The longest pause of a reader between two reads, in milliseconds.
    pub pause_ms: u64,
    pub failures: &'static [Failure],
    /// The maximum length of a failure.
    pub longest_failure: Duration,
    /// The maximum pause between two failures.
    pub longest_quiet: Duration,
    /// Whether the trial ends with the first breach.
    pub until_caught: bool,
}

/// A running trial and its results.
pub struct Trial {
    pub seed: u64,
    pub pause_ms: u64,
    pub start: Instant,
    pub deployment: Deployment,
    pub registers: Vec<Register>,
    pub views: Vec<View>,
    pub histories: Vec<Mutex<History>>,
    pub failure_log: Mutex<FailureLog>,
    pub statistics: Mutex<Statistics>,
    until_caught: bool,
    over: AtomicBool,
}

impl Trial {
    /// Runs a program under load and failures.
    pub async fn run(program: Program, plan: &Plan) -> Arc<Self> {
        let (deployment, registers, views) = Deployment::start(program).await;
        let trial = Arc::new(Self {
            seed: plan.seed,
            pause_ms: plan.pause_ms,
            start: Instant::now(),
            deployment,
            histories: registers.iter().map(|_| Mutex::default()).collect(),
            registers,
            views,
            failure_log: Mutex::default(),
            statistics: Mutex::default(),
            until_caught: plan.until_caught,
            over: AtomicBool::new(false),
        });
        let mut tasks = JoinSet::new();
        (0..plan.readers).for_each(|reader| drop(tasks.spawn(load::read(Arc::clone(&trial), reader))));
        (0..trial.registers.len()).for_each(|number| drop(tasks.spawn(load::write(Arc::clone(&trial), number))));
        trial.inject_failures(plan).await;
        trial.over.store(true, Ordering::Relaxed);
        while let Some(done) = tasks.join_next().await {
            done.expect("readers and writers do not panic");
        }
        trial
    }

    /// Causes one failure after the other, with pauses between them.
    async fn inject_failures(&self, plan: &Plan) {
        let mut rng = StdRng::seed_from_u64(plan.seed);
        let mut injector = FailureInjector::new(StdRng::seed_from_u64(rng.random()), plan.failures, plan.longest_failure);
        loop {
            sleep(plan.longest_quiet.mul_f64(rng.random_range(0.1..=1.0))).await;
            if self.is_over() || self.start.elapsed() >= plan.length {
                return;
            }
            let (failure, server) = injector.draw();
            self.failure_log.lock().unwrap().begin(failure, server, Instant::now());
            injector.inject(failure, server, &self.deployment).await;
            self.failure_log.lock().unwrap().end(Instant::now());
        }
    }

    /// Describes where and when something happened, and the failures at that time.
    pub fn context(&self, name: &str, server: usize, (from, to): (Instant, Instant), failure_log: &FailureLog) -> String {
        let [from_s, to_s] = [from, to].map(|moment| (moment - self.start).as_secs_f64());
        let failures = failure_log.describe(self.start, from, to);
        format!("{name} at server {server}, {from_s:.3}–{to_s:.3} s, seed {}; failures:{failures}", self.seed)
    }

    /// Whether readers and writers should stop.
    pub fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed) || self.is_caught()
    }

    /// Whether the trial ends because a promise was broken.
    fn is_caught(&self) -> bool {
        self.until_caught && self.statistics.lock().unwrap().caught.is_some()
    }
}
