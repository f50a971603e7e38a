//! One run of the checker.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use harness::{Site, eventually_true};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::caller::{self, Asked, Outcome};
use super::deployment::Deployment;
use super::failure_log::{FailureLog, now};
use super::judge::judge;
use super::records::Records;
use super::recovery;
use super::statistics::Statistics;
use super::users;

/// The number of open jobs above which callers wait, so that a mail is sent long before its link expires.
const BACKLOG: usize = 2000;
/// The pause of a caller that must wait.
const PAUSE: Duration = Duration::from_millis(20);
/// The pause between looks at the open jobs and at the workers.
const LOOK: Duration = Duration::from_millis(250);

/// The parameters of a trial.
pub struct Plan {
    pub seed: u64,
    /// The number of users; each is asked for once.
    pub users: usize,
    /// The minimum of acknowledged requests, unless there is no more time, and of kills.
    pub requests: u64,
    pub longest: Option<Duration>,
    pub kills: u64,
    pub servers: usize,
    pub workers: usize,
    pub callers: u64,
    pub between_kills: Duration,
    /// The number of users that are asked for at each kill; `None` asks without a pause.
    pub burst: Option<usize>,
    /// Every so many kills, Postgres or Redis is restarted; `None` never.
    pub postgres_every: Option<u64>,
    pub redis_every: Option<u64>,
    /// The time from a worker's death to the next attempt of its jobs, in milliseconds.
    pub recovery_limit: i64,
}

/// A running trial.
pub struct Trial {
    pub seed: u64,
    plan: Plan,
    pub deployment: Deployment,
    started: Instant,
    next: AtomicUsize,
    /// The number of users that may be asked for so far.
    allowed: AtomicUsize,
    has_backlog: AtomicBool,
    pub statistics: Mutex<Statistics>,
    failures: Mutex<FailureLog>,
}

impl Trial {
    /// Runs a site under load and failures, and judges its jobs.
    pub async fn run(site: Site, plan: Plan) -> Arc<Self> {
        users::insert(&site, plan.users).await;
        let deployment = Deployment::start(site, plan.servers, plan.workers).await;
        let trial = Arc::new(Self {
            seed: plan.seed,
            deployment,
            started: Instant::now(),
            next: AtomicUsize::new(0),
            allowed: AtomicUsize::new(plan.burst.map_or(plan.users, |_| 0)),
            has_backlog: AtomicBool::new(false),
            statistics: Mutex::default(),
            failures: Mutex::default(),
            plan,
        });
        let mut callers = JoinSet::new();
        (0..trial.plan.callers).for_each(|number| drop(callers.spawn(caller::run(Arc::clone(&trial), number))));
        trial.disturb().await;
        let asked: Vec<Asked> = callers.join_all().await.into_iter().flatten().collect();
        trial.deployment.drain().await;
        trial.statistics.lock().unwrap().took = trial.started.elapsed();
        trial.judge(&asked).await;
        trial
    }

    /// The next user to ask for, when that is allowed; `None` when the trial is over.
    pub async fn next_user(&self) -> Option<usize> {
        let user = self.next.fetch_add(1, Ordering::Relaxed);
        while user < self.plan.users && !self.is_over() {
            if user < self.allowed.load(Ordering::Relaxed) && !self.has_backlog.load(Ordering::Relaxed) {
                return Some(user);
            }
            sleep(PAUSE).await;
        }
        None
    }

    /// Counts a request.
    pub fn record(&self, outcome: Outcome) {
        self.statistics.lock().unwrap().acknowledged += u64::from(outcome == Outcome::Acknowledged);
    }

    /// Whether there were enough kills and either enough requests or no more time or users.
    fn is_over(&self) -> bool {
        let statistics = self.statistics.lock().unwrap();
        let is_late = self.plan.longest.is_some_and(|longest| self.started.elapsed() >= longest);
        let has_no_users = self.allowed.load(Ordering::Relaxed).min(self.next.load(Ordering::Relaxed)) >= self.plan.users;
        statistics.kills >= self.plan.kills && (statistics.acknowledged >= self.plan.requests || is_late || has_no_users)
    }

    /// Kills one process after the other and restarts it at once.
    async fn disturb(&self) {
        let mut rng = StdRng::seed_from_u64(self.seed);
        let mut next = Instant::now() + self.plan.between_kills;
        while !self.is_over() {
            sleep(LOOK).await;
            self.look_at_backlog();
            let revived = self.deployment.revive().await;
            self.statistics.lock().unwrap().failed_starts += revived;
            if Instant::now() >= next {
                next = Instant::now() + self.plan.between_kills;
                self.strike(&mut rng).await;
            }
        }
    }

    /// Kills a process, perhaps restarts Postgres or Redis, and starts the process again.
    async fn strike(&self, rng: &mut StdRng) {
        self.release_burst().await;
        let process = rng.random_range(0..self.deployment.processes());
        let kills = self.statistics.lock().unwrap().kills + 1;
        self.failures.lock().unwrap().kills.push(now());
        self.deployment.kill(process).await;
        if self.plan.redis_every.is_some_and(|every| kills.is_multiple_of(every)) {
            self.deployment.site.redis().kill();
            self.deployment.site.redis().start().await;
            self.failures.lock().unwrap().redis += 1;
        }
        if self.plan.postgres_every.is_some_and(|every| kills.is_multiple_of(every)) {
            let down = now();
            self.deployment.site.database().restart().await;
            self.failures.lock().unwrap().outages.push((down, now()));
        }
        let exits = self.deployment.restart(process).await;
        let mut statistics = self.statistics.lock().unwrap();
        (statistics.kills, statistics.failed_starts) = (kills, statistics.failed_starts + exits);
    }

    /// Allows the next burst, and waits until half of it has been sent.
    async fn release_burst(&self) {
        let Some(burst) = self.plan.burst else { return };
        let allowed = self.allowed.fetch_add(burst, Ordering::Relaxed) + burst;
        eventually_true("half of a burst is sent", async || self.next.load(Ordering::Relaxed) >= allowed - burst / 2).await;
    }

    fn look_at_backlog(&self) {
        if !self.deployment.is_on_postgres() {
            return;
        }
        let sql = "SELECT count(*) FROM jobs WHERE state IN ('scheduled', 'queued')";
        if let Ok(open) = self.deployment.site.database().try_query(sql) {
            self.has_backlog.store(open.parse().is_ok_and(|open: usize| open > BACKLOG), Ordering::Relaxed);
        }
    }

    async fn judge(&self, asked: &[Asked]) {
        let (records, failures) = (Records::read(&self.deployment).await, self.failures.lock().unwrap().clone());
        let recovery = recovery::measure(&records, &failures, self.plan.recovery_limit);
        let mut statistics = self.statistics.lock().unwrap();
        statistics.findings.extend(judge(asked, &records));
        statistics.add(asked, &records, &failures, recovery);
        let audited = self.deployment.audit().unwrap_or_else(|output| {
            statistics.findings.push(format!("the audit: {output}"));
            output
        });
        statistics.audited = audited.trim().replace('\n', "; ");
    }
}
