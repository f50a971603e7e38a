//! One run of the checker.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::deployment::{Deployment, Program};
use super::figures::Figures;
use super::history::History;
use super::load;
use super::mayhem::Mayhem;
use super::registers::{Register, View};
use super::troubles::{Fault, Troubles};

/// How a trial goes.
pub struct Plan {
    pub seed: u64,
    pub length: Duration,
    pub readers: u64,
    /// The longest pause of a reader between two reads, in milliseconds.
    pub pause_ms: u64,
    pub faults: &'static [Fault],
    /// The longest that a fault goes on.
    pub longest_fault: Duration,
    /// The longest that it is quiet between two faults.
    pub longest_quiet: Duration,
    /// A naive program need not be watched for longer than until it is caught.
    pub until_caught: bool,
}

/// A trial under way, and what it has found.
pub struct Trial {
    pub seed: u64,
    pub pause_ms: u64,
    pub start: Instant,
    pub deployment: Deployment,
    pub registers: Vec<Register>,
    pub views: Vec<View>,
    pub histories: Vec<Mutex<History>>,
    pub troubles: Mutex<Troubles>,
    pub figures: Mutex<Figures>,
    until_caught: bool,
    over: AtomicBool,
}

impl Trial {
    /// Runs a program under load and faults.
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
            troubles: Mutex::default(),
            figures: Mutex::default(),
            until_caught: plan.until_caught,
            over: AtomicBool::new(false),
        });
        let mut people = JoinSet::new();
        (0..plan.readers).for_each(|reader| drop(people.spawn(load::read(Arc::clone(&trial), reader))));
        (0..trial.registers.len()).for_each(|number| drop(people.spawn(load::write(Arc::clone(&trial), number))));
        trial.trouble(plan).await;
        trial.over.store(true, Ordering::Relaxed);
        while let Some(done) = people.join_next().await {
            done.expect("readers and writers do not panic");
        }
        trial
    }

    /// Causes one fault after the other, with quiet times between them.
    async fn trouble(&self, plan: &Plan) {
        let mut dice = StdRng::seed_from_u64(plan.seed);
        let mut mayhem = Mayhem::new(StdRng::seed_from_u64(dice.random()), plan.faults, plan.longest_fault);
        loop {
            sleep(plan.longest_quiet.mul_f64(dice.random_range(0.1..=1.0))).await;
            if self.is_over() || self.start.elapsed() >= plan.length {
                return;
            }
            let (fault, server) = mayhem.draw();
            self.troubles.lock().unwrap().begin(fault, server, Instant::now());
            mayhem.cause(fault, server, &self.deployment).await;
            self.troubles.lock().unwrap().end(Instant::now());
        }
    }

    /// Where and when something happened, and among which faults.
    pub fn place(&self, name: &str, server: usize, (from, to): (Instant, Instant), troubles: &Troubles) -> String {
        let [from_s, to_s] = [from, to].map(|moment| (moment - self.start).as_secs_f64());
        let faults = troubles.tell(self.start, from, to);
        format!("{name} at server {server}, {from_s:.3}–{to_s:.3} s, seed {}; faults:{faults}", self.seed)
    }

    /// Whether everybody should go home.
    pub fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed) || self.is_caught()
    }

    /// Whether a promise was broken, if that is all that is asked.
    fn is_caught(&self) -> bool {
        self.until_caught && self.figures.lock().unwrap().caught.is_some()
    }
}
