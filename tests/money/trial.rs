//! One run of the checker.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use harness::{ADMIN_PASSWORD, PASSWORD, Response, Site};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::caller::{self, OpenHolds};
use super::deployment::{Account, Deployment};
use super::journal::Operation;
use super::judge::judge;
use super::ledger::Ledger;
use super::statistics::Statistics;

/// The number of users with coins.
const USERS: usize = 8;
/// The time after a restart in which the kill may still affect other servers.
const RECOVERY: Duration = Duration::from_secs(3);

/// The parameters of a trial.
pub struct Plan {
    pub seed: u64,
    /// The minimum of acknowledged operations.
    pub operations: u64,
    /// The number of servers, and the minimum of kills.
    pub servers: usize,
    pub kills: u64,
    pub between_kills: Duration,
    pub callers: u64,
}

/// A running trial.
pub struct Trial {
    pub seed: u64,
    operations: u64,
    kills: u64,
    pub deployment: Deployment,
    pub admin: Account,
    pub accounts: Vec<Account>,
    /// Indexed by user.
    pub open_holds: Vec<OpenHolds>,
    pub statistics: Mutex<Statistics>,
    kill_log: Mutex<Vec<Kill>>,
}

/// The kill of a server, and its restart.
struct Kill {
    server: usize,
    at: Instant,
    restarted: Option<Instant>,
}

impl Trial {
    /// Runs a site under load and kills, and judges its ledger.
    pub async fn run(site: Site, plan: &Plan) -> Arc<Self> {
        let trial = Arc::new(Self::prepare(site, plan).await);
        let (started, mut callers) = (Instant::now(), JoinSet::new());
        (0..plan.callers).for_each(|number| drop(callers.spawn(caller::run(Arc::clone(&trial), number))));
        trial.kill_servers(plan).await;
        let journal: Vec<Operation> = callers.join_all().await.into_iter().flatten().collect();
        trial.statistics.lock().unwrap().took = started.elapsed();
        trial.judge(&journal).await;
        trial
    }

    async fn prepare(site: Site, plan: &Plan) -> Self {
        let admin = Account::of(&site.admin().await, ADMIN_PASSWORD);
        let mut accounts = Vec::new();
        for number in 0..USERS {
            accounts.push(Account::of(&site.register(&format!("person{number}")).await, PASSWORD));
        }
        Self {
            seed: plan.seed,
            operations: plan.operations,
            kills: plan.kills,
            deployment: Deployment::start(site, plan.servers).await,
            admin,
            open_holds: accounts.iter().map(|_| OpenHolds::default()).collect(),
            accounts,
            statistics: Mutex::default(),
            kill_log: Mutex::default(),
        }
    }

    /// Kills one server after the other and restarts it at once.
    async fn kill_servers(&self, plan: &Plan) {
        let mut rng = StdRng::seed_from_u64(plan.seed);
        let mut next = Instant::now() + plan.between_kills;
        while !self.is_over() {
            sleep(Duration::from_millis(20)).await;
            if Instant::now() < next {
                continue;
            }
            next += plan.between_kills;
            let server = self.any_server(&mut rng);
            self.kill_log.lock().unwrap().push(Kill { server, at: Instant::now(), restarted: None });
            self.deployment.kill(server).await;
            let exits = self.deployment.restart(server).await;
            self.kill_log.lock().unwrap().iter_mut().last().expect("a kill").restarted = Some(Instant::now());
            let mut statistics = self.statistics.lock().unwrap();
            (statistics.kills, statistics.failed_starts) = (statistics.kills + 1, statistics.failed_starts + exits);
        }
    }

    /// Whether the callers should stop.
    pub fn is_over(&self) -> bool {
        let statistics = self.statistics.lock().unwrap();
        statistics.acknowledged >= self.operations && statistics.kills >= self.kills
    }

    /// A random server, running or not.
    pub fn any_server(&self, rng: &mut StdRng) -> usize {
        rng.random_range(0..self.deployment.servers())
    }

    /// Records a request without a response; a finding unless its server was killed.
    pub fn record_missing_response(&self, server: usize, began: Instant) {
        let excused = self.was_killed(began, |kill| kill.server == server);
        let mut statistics = self.statistics.lock().unwrap();
        statistics.without_response += 1;
        if !excused {
            statistics.findings.push(format!("server {server} was not killed and did not respond"));
        }
    }

    /// Records a response of 5xx; a finding unless it is 503 around a kill.
    pub fn record_server_error(&self, response: &Response, began: Instant) {
        let excused = response.status() == 503 && self.was_killed(began, |_| true);
        let mut statistics = self.statistics.lock().unwrap();
        statistics.unavailable += 1;
        if !excused {
            statistics.findings.push(format!("a server error: {response:?}"));
        }
    }

    /// Whether such a server was killed since then, or restarted shortly before.
    fn was_killed(&self, began: Instant, is: impl Fn(&Kill) -> bool) -> bool {
        let recovering = |kill: &Kill| kill.restarted.is_none_or(|restarted| began <= restarted + RECOVERY);
        self.kill_log.lock().unwrap().iter().any(|kill| is(kill) && kill.at <= Instant::now() && recovering(kill))
    }

    async fn judge(&self, journal: &[Operation]) {
        self.deployment.stop_writes().await;
        let mut findings = Vec::new();
        for (user, account) in self.accounts.iter().enumerate() {
            account.sign_in_again(&self.deployment.client(0)).await;
            let ledger = Ledger::read(&self.deployment.client(0).bearing(account.token())).await;
            let operations: Vec<&Operation> = journal.iter().filter(|operation| operation.user == user).collect();
            findings.extend(judge(&ledger, &operations));
        }
        let mut statistics = self.statistics.lock().unwrap();
        statistics.audited = self.deployment.audit().unwrap_or_else(|output| {
            findings.push(format!("the audit: {output}"));
            output
        });
        statistics.audited = statistics.audited.trim().replace('\n', "; ");
        statistics.findings.extend(findings);
        for operation in journal {
            statistics.add(operation);
        }
    }
}
