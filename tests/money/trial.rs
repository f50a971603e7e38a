//! One run of the checker.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use harness::{ADMIN_PASSWORD, PASSWORD, Response, Site};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::books::Books;
use super::caller::{self, OpenHolds};
use super::deployment::{Deployment, Person};
use super::figures::Figures;
use super::journal::Operation;
use super::judge::judge;

/// Users whose coins it is about.
const USERS: usize = 8;
/// How long after a server has returned others may still feel that it died.
const RECOVERY: Duration = Duration::from_secs(3);

/// How a trial goes.
pub struct Plan {
    pub seed: u64,
    /// How many operations are acknowledged before it ends.
    pub operations: u64,
    /// How many servers there are, and how many of them are killed before it ends.
    pub servers: usize,
    pub kills: u64,
    pub between_kills: Duration,
    pub callers: u64,
}

/// A trial under way.
pub struct Trial {
    pub seed: u64,
    operations: u64,
    kills: u64,
    pub deployment: Deployment,
    pub admin: Person,
    pub people: Vec<Person>,
    /// By user.
    pub open_holds: Vec<OpenHolds>,
    pub figures: Mutex<Figures>,
    deaths: Mutex<Vec<Death>>,
}

/// A server that was killed, until it has returned.
struct Death {
    server: usize,
    at: Instant,
    returned: Option<Instant>,
}

impl Trial {
    /// Runs a site under load and kills, and judges its books.
    pub async fn run(site: Site, plan: &Plan) -> Arc<Self> {
        let trial = Arc::new(Self::prepare(site, plan).await);
        let (started, mut callers) = (Instant::now(), JoinSet::new());
        (0..plan.callers).for_each(|number| drop(callers.spawn(caller::call(Arc::clone(&trial), number))));
        trial.kill_servers(plan).await;
        let journal: Vec<Operation> = callers.join_all().await.into_iter().flatten().collect();
        trial.figures.lock().unwrap().took = started.elapsed();
        trial.judge(&journal).await;
        trial
    }

    async fn prepare(site: Site, plan: &Plan) -> Self {
        let admin = Person::of(&site.admin().await, ADMIN_PASSWORD);
        let mut people = Vec::new();
        for number in 0..USERS {
            people.push(Person::of(&site.register(&format!("person{number}")).await, PASSWORD));
        }
        Self {
            seed: plan.seed,
            operations: plan.operations,
            kills: plan.kills,
            deployment: Deployment::start(site, plan.servers).await,
            admin,
            open_holds: people.iter().map(|_| OpenHolds::default()).collect(),
            people,
            figures: Mutex::default(),
            deaths: Mutex::default(),
        }
    }

    /// Kills one server after the other, each of which returns at once.
    async fn kill_servers(&self, plan: &Plan) {
        let mut dice = StdRng::seed_from_u64(plan.seed);
        let mut next = Instant::now() + plan.between_kills;
        while !self.is_over() {
            sleep(Duration::from_millis(20)).await;
            if Instant::now() < next {
                continue;
            }
            next += plan.between_kills;
            let server = self.any_server(&mut dice);
            self.deaths.lock().unwrap().push(Death { server, at: Instant::now(), returned: None });
            self.deployment.kill(server).await;
            let ended = self.deployment.restart(server).await;
            self.deaths.lock().unwrap().iter_mut().last().expect("it died").returned = Some(Instant::now());
            let mut figures = self.figures.lock().unwrap();
            (figures.kills, figures.failed_starts) = (figures.kills + 1, figures.failed_starts + ended);
        }
    }

    /// Whether everybody should go home.
    pub fn is_over(&self) -> bool {
        let figures = self.figures.lock().unwrap();
        figures.acknowledged >= self.operations && figures.kills >= self.kills
    }

    /// Any server, dead or alive.
    pub fn any_server(&self, dice: &mut StdRng) -> usize {
        dice.random_range(0..self.deployment.servers())
    }

    /// A request has no answer, which only a server may leave it with that was killed.
    pub fn unanswered(&self, server: usize, began: Instant) {
        let excused = self.died(began, |death| death.server == server);
        let mut figures = self.figures.lock().unwrap();
        figures.unanswered += 1;
        if !excused {
            figures.findings.push(format!("server {server} was not killed and did not answer"));
        }
    }

    /// An answer of 5xx, which may only be 503 while a server dies.
    pub fn server_error(&self, answer: &Response, began: Instant) {
        let excused = answer.status() == 503 && self.died(began, |_| true);
        let mut figures = self.figures.lock().unwrap();
        figures.unavailable += 1;
        if !excused {
            figures.findings.push(format!("a server error: {answer:?}"));
        }
    }

    /// Whether such a server died since then, or had died and was hardly back.
    fn died(&self, began: Instant, is: impl Fn(&Death) -> bool) -> bool {
        let back = |death: &Death| death.returned.is_none_or(|returned| began <= returned + RECOVERY);
        self.deaths.lock().unwrap().iter().any(|death| is(death) && death.at <= Instant::now() && back(death))
    }

    async fn judge(&self, journal: &[Operation]) {
        self.deployment.end().await;
        let mut findings = Vec::new();
        for (user, person) in self.people.iter().enumerate() {
            person.sign_in_again(&self.deployment.door(0)).await;
            let books = Books::read(&self.deployment.door(0).bearing(person.token())).await;
            let operations: Vec<&Operation> = journal.iter().filter(|operation| operation.user == user).collect();
            findings.extend(judge(&books, &operations));
        }
        let mut figures = self.figures.lock().unwrap();
        figures.audited = self.deployment.audit().unwrap_or_else(|complaint| {
            findings.push(format!("the audit: {complaint}"));
            complaint
        });
        figures.audited = figures.audited.trim().replace('\n', "; ");
        figures.findings.extend(findings);
        for operation in journal {
            figures.add(operation);
        }
    }
}
