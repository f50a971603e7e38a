//! One run of the checker.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use harness::backend::OnBackend;
use harness::{Backend, Redis, Server, Site, SiteBuilder, User};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::probe::Probe;
use super::statistics::Statistics;
use super::ways::{Round, Way};

/// The interval of the change log of each server, in milliseconds.
const INTERVALS: [u64; 2] = [50, 250];
/// One round of this number uses the command line.
const COMMANDS: u32 = 100;
/// How long Redis answers, hangs, and answers again before it is flushed.
const PHASE: Duration = Duration::from_millis(700);

/// The parameters of a run.
pub struct Plan {
    pub seed: u64,
    /// The number of acknowledged revocations.
    pub revocations: u64,
    pub callers: u64,
}

/// Two servers, and the state of a run.
pub struct Trial {
    site: Site,
    other: Server,
    admin: User,
    acknowledged: AtomicU64,
    finished: AtomicBool,
    pub statistics: Mutex<Statistics>,
}

impl Trial {
    /// Runs callers until enough revocations are acknowledged, while Redis hangs and is flushed.
    pub async fn run(plan: &Plan) -> Arc<Self> {
        let redis = Redis::running().await;
        let site =
            SiteBuilder::on(Backend::PostgresRedis).await.on_redis(redis).set("CHANGE_LOG_POLL_MS", INTERVALS[0]).open().await;
        let other = site.server_with("CHANGE_LOG_POLL_MS", &INTERVALS[1].to_string()).await;
        let admin = site.admin().await;
        let (acknowledged, finished, statistics) = (AtomicU64::new(0), AtomicBool::new(false), Mutex::default());
        let trial = Arc::new(Self { site, other, admin, acknowledged, finished, statistics });
        let mut callers = JoinSet::new();
        for number in 0..plan.callers {
            let user = trial.site.register(&format!("person{number}")).await;
            let rng = StdRng::seed_from_u64(plan.seed.wrapping_add(number));
            callers.spawn(Arc::clone(&trial).call(user, rng, plan.revocations));
        }
        let failures = tokio::spawn(Arc::clone(&trial).disturb_redis());
        callers.join_all().await;
        trial.finished.store(true, Ordering::Relaxed);
        failures.await.expect("the failures end");
        trial
    }

    async fn call(self: Arc<Self>, user: User, mut rng: StdRng, revocations: u64) {
        while self.acknowledged.load(Ordering::Relaxed) < revocations {
            let way =
                if rng.random_ratio(1, COMMANDS) { Way::SuspendByCommand } else { *Way::DRAWN.choose(&mut rng).expect("a way") };
            let server = if rng.random() { self.site.client() } else { self.site.client().at(&self.other) };
            let admin = if rng.random() { self.admin.at(&self.other) } else { (*self.admin).clone() };
            let round = Round { server, admin: &admin, user: &user, settings: self.site.settings() };
            if self.judge(way, &round).await.is_none() {
                self.statistics.lock().unwrap().skipped += 1;
            }
            round.restore(way).await;
        }
    }

    /// Uses a credential on both servers, revokes it, and uses it again. `None` unless the revocation was acknowledged.
    async fn judge(&self, way: Way, round: &Round<'_>) -> Option<()> {
        let prepared = round.prepare(way).await?;
        let before = self.statuses(&prepared.probe).await?;
        if before.iter().any(|status| *status != 200) {
            return None;
        }
        round.revoke(way, &prepared).await?;
        let after = self.statuses(&prepared.probe).await?;
        self.acknowledged.fetch_add(1, Ordering::Relaxed);
        let mut statistics = self.statistics.lock().unwrap();
        *statistics.acknowledged.entry(way.name()).or_default() += 1;
        statistics.uses += after.len() as u64;
        if after.contains(&200) {
            statistics.findings.push(format!("{}: {after:?} after the acknowledgement", way.name()));
        }
        Some(())
    }

    /// The status of a probe on both servers.
    async fn statuses(&self, probe: &Probe) -> Option<[u16; 2]> {
        Some([probe.status(self.site.server()).await?, probe.status(&self.other).await?])
    }

    /// Suspends Redis, resumes it and flushes it, in turn.
    async fn disturb_redis(self: Arc<Self>) {
        while !self.finished.load(Ordering::Relaxed) {
            sleep(PHASE).await;
            self.site.redis().suspend();
            sleep(PHASE).await;
            self.site.redis().resume();
            sleep(PHASE).await;
            self.site.redis().run(&["FLUSHALL"]);
            self.statistics.lock().unwrap().failures += 2;
        }
    }
}
