//! Servers and workers on one database, which are killed and restarted.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use harness::{Client, Server, Settings, Site, User, eventually_within, free_port, program};
use tokio::sync::Mutex;

/// The time in which all jobs must have ended, once no more are enqueued.
const DRAIN: Duration = Duration::from_mins(10);
/// How long a request that was cut off may still run.
const CUT_OFF: Duration = Duration::from_secs(1);

/// The whole deployment.
pub struct Deployment {
    servers: usize,
    processes: Vec<Process>,
    http: reqwest::Client,
    pub site: Site,
}

/// A server on a fixed port, or a worker.
struct Process {
    /// `None` for a worker.
    port: Option<u16>,
    settings: Settings,
    running: Mutex<Option<Server>>,
}

impl Deployment {
    /// Replaces the site's server by these numbers of servers and workers.
    pub async fn start(mut site: Site, servers: usize, workers: usize) -> Self {
        site.kill_server();
        let ports = (0..servers).map(|_| Some(free_port())).chain((0..workers).map(|_| None));
        let processes: Vec<Process> = ports.map(|port| Process::new(site.settings(), port)).collect();
        join_all(processes.iter().map(Process::start)).await;
        Self { servers, processes, http: Client::http(), site }
    }

    /// The number of servers.
    pub fn servers(&self) -> usize {
        self.servers
    }

    /// The number of servers and workers.
    pub fn processes(&self) -> usize {
        self.processes.len()
    }

    /// A client of a server, not signed in.
    pub fn client(&self, server: usize) -> Client {
        let port = self.processes[server].port.expect("a server has a port");
        Client::new(self.http.clone(), &format!("http://127.0.0.1:{port}"))
    }

    /// Kills a process.
    pub async fn kill(&self, process: usize) {
        self.processes[process].running.lock().await.take().iter_mut().for_each(Server::kill);
    }

    /// Starts a killed process; returns the number of exits during its start.
    pub async fn restart(&self, process: usize) -> u64 {
        self.processes[process].start().await
    }

    /// Starts workers again that have exited, because the database did not respond at their start. Returns their number.
    pub async fn revive(&self) -> u64 {
        let mut revived = 0;
        for worker in &self.processes[self.servers..] {
            let has_exited = worker.running.lock().await.as_mut().is_some_and(Server::has_exited);
            if has_exited {
                worker.start().await;
                revived += 1;
            }
        }
        revived
    }

    /// The administrator, signed in at the first server.
    pub async fn admin(&self) -> User {
        self.site.admin_at(&self.client(0)).await
    }

    /// Whether the database is Postgres, which the checker can query.
    pub fn is_on_postgres(&self) -> bool {
        self.site.settings()["DATABASE_URL"].starts_with("postgres")
    }

    /// Waits until no job is open, also a second later: a request that was cut off may still have run.
    pub async fn drain(&self) {
        let mut idle_since = None;
        eventually_within(DRAIN, "no job is open", async || {
            self.revive().await;
            if !self.is_idle().await {
                idle_since = None;
                return None;
            }
            (idle_since.get_or_insert_with(Instant::now).elapsed() > CUT_OFF).then_some(())
        })
        .await;
    }

    async fn is_idle(&self) -> bool {
        if self.is_on_postgres() {
            let open = "SELECT count(*) FROM jobs WHERE kind = 'send_mail' AND finished_at IS NULL";
            return self.site.database().query(open) == "0";
        }
        // In the order in which jobs change their states, and again what a job may have returned to.
        let admin = self.admin().await;
        for state in ["scheduled", "queued", "running", "scheduled", "queued"] {
            let page = admin.get(format!("/v1/admin/jobs?kind=send_mail&state={state}&limit=1")).await.expect(200);
            if !page.items().is_empty() {
                return false;
            }
        }
        true
    }

    /// The output of `atelier audit`: what it checked, or its findings.
    pub fn audit(&self) -> Result<String, String> {
        program::run(&["audit"], self.site.settings()).outcome()
    }
}

impl Process {
    fn new(settings: &Settings, port: Option<u16>) -> Self {
        let mut settings = settings.clone();
        settings.extend(port.map(|port| ("PORT".to_owned(), port.to_string())));
        Self { port, settings, running: Mutex::default() }
    }

    async fn start(&self) -> u64 {
        let (started, exits) = match self.port {
            Some(_) => Server::start_with_retries(&program::path(), &self.settings).await,
            None => (Server::start_worker(&self.settings), 0),
        };
        *self.running.lock().await = Some(started);
        exits
    }
}
