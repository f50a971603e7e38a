//! Several servers on one Postgres and one Redis, each with its own proxies to both.

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use futures_util::future::join_all;
use harness::{Backend, OnBackend, Proxy, Redis, Server, Settings, Site, SiteBuilder, free_port};
use reqwest::Url;

use super::promises::POLL;
use super::registers::{self, Register, View};

/// How many servers there are.
pub const SERVERS: usize = 3;

/// The program of the servers.
pub struct Program {
    pub path: PathBuf,
    /// The safeguards that a naive build omits.
    pub omits: &'static str,
}

/// The proxies and settings of a server.
struct ServerConfig {
    proxy: Proxy,
    database: Proxy,
    settings: Settings,
}

/// A server with its proxies.
pub struct Member {
    /// Its proxy to Redis.
    pub proxy: Proxy,
    /// Its proxy to the database.
    pub database: Proxy,
    settings: Settings,
    server: Mutex<Option<Server>>,
    down: AtomicBool,
}

/// The whole deployment.
pub struct Deployment {
    pub members: Vec<Member>,
    pub redises: [Redis; 2],
    /// The index of the primary; the other Redis does not run.
    primary: AtomicUsize,
    /// The proxy from a replica to its primary.
    pub replication: Proxy,
    program: Program,
    _site: Site,
}

impl Deployment {
    /// Starts the deployment and creates the registers.
    pub async fn start(program: Program) -> (Self, Vec<Register>, Vec<View>) {
        let redises = [Redis::running().await, Redis::absent()];
        let site = SiteBuilder::on(Backend::PostgresRedis).await.set("CHANGE_LOG_POLL_MS", POLL.as_millis());
        let mut site = site.set("REDIS_URL", redises[0].url()).open().await;
        let configs = join_all((0..SERVERS).map(|_| ServerConfig::create(&program, &site, &redises[0]))).await;
        let servers = join_all(configs.iter().map(|config| Server::start_program(&program.path, &config.settings))).await;
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        let (registers, views) = registers::create(&admin, &anna, &servers).await;
        let members = configs.into_iter().zip(servers).map(|(config, server)| Member::new(config, server)).collect();
        site.kill_server();
        let replication = Proxy::to(redises[0].port()).await;
        let deployment = Self { members, redises, primary: AtomicUsize::new(0), replication, program, _site: site };
        (deployment, registers, views)
    }

    /// The Redis that the servers use.
    pub fn primary(&self) -> &Redis {
        &self.redises[self.primary.load(Ordering::Relaxed)]
    }

    /// The other Redis.
    pub fn spare(&self) -> &Redis {
        &self.redises[1 - self.primary.load(Ordering::Relaxed)]
    }

    /// Makes the spare the primary.
    pub fn swap(&self) {
        self.primary.fetch_xor(1, Ordering::Relaxed);
    }

    /// Kills a server.
    pub fn kill(&self, server: usize) {
        let member = &self.members[server];
        member.down.store(true, Ordering::Relaxed);
        if let Some(mut server) = member.server.lock().unwrap().take() {
            server.kill();
        }
    }

    /// Starts a killed server with its former settings.
    pub async fn restart(&self, server: usize) {
        let member = &self.members[server];
        let started = Server::start_program(&self.program.path, &member.settings).await;
        *member.server.lock().unwrap() = Some(started);
        member.down.store(false, Ordering::Relaxed);
    }

    /// Whether this server is killed.
    pub fn is_down(&self, server: usize) -> bool {
        self.members[server].down.load(Ordering::Relaxed)
    }
}

impl ServerConfig {
    async fn create(program: &Program, site: &Site, redis: &Redis) -> Self {
        let proxy = Proxy::to(redis.port()).await;
        let mut settings = site.settings().clone();
        let mut url = Url::parse(&settings["DATABASE_URL"]).expect("the URL of a database");
        let database = Proxy::to(url.port().expect("Postgres has a port")).await;
        url.set_port(Some(database.port())).expect("a URL with a host");
        settings.insert("DATABASE_URL".into(), url.into());
        settings.insert("PORT".into(), free_port().to_string());
        settings.insert("REDIS_URL".into(), format!("redis://127.0.0.1:{}/0", proxy.port()));
        settings.insert("ATELIER_OMITS".into(), program.omits.into());
        Self { proxy, database, settings }
    }
}

impl Member {
    fn new(ServerConfig { proxy, database, settings }: ServerConfig, server: Server) -> Self {
        Self { proxy, database, settings, server: Mutex::new(Some(server)), down: AtomicBool::new(false) }
    }

    /// Suspends the server.
    pub fn suspend(&self) {
        self.server.lock().unwrap().iter().for_each(Server::suspend);
    }

    /// Resumes the server.
    pub fn resume(&self) {
        self.server.lock().unwrap().iter().for_each(Server::resume);
    }
}
