//! Several servers over one Postgres and one Redis, each with its own stretches of network to both.

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

/// The program that the servers run.
pub struct Program {
    pub path: PathBuf,
    /// The safeguards that a naive build goes without.
    pub omits: &'static str,
}

/// Where a server will be.
struct Place {
    proxy: Proxy,
    database: Proxy,
    settings: Settings,
}

/// A server with its way to Redis.
pub struct Member {
    /// Its way to Redis.
    pub proxy: Proxy,
    /// Its way to the database.
    pub database: Proxy,
    settings: Settings,
    server: Mutex<Option<Server>>,
    down: AtomicBool,
}

/// Everything that runs.
pub struct Deployment {
    pub members: Vec<Member>,
    pub redises: [Redis; 2],
    /// Which Redis is the primary; the other one does not run.
    primary: AtomicUsize,
    /// The way from a replica to its primary.
    pub link: Proxy,
    program: Program,
    _site: Site,
}

impl Deployment {
    /// Starts everything and makes the registers.
    pub async fn start(program: Program) -> (Self, Vec<Register>, Vec<View>) {
        let redises = [Redis::running().await, Redis::absent()];
        let site = SiteBuilder::on(Backend::PostgresRedis).await.set("CHANGE_LOG_POLL_MS", POLL.as_millis());
        let mut site = site.set("REDIS_URL", redises[0].url()).open().await;
        let places = join_all((0..SERVERS).map(|_| Place::find(&program, &site, &redises[0]))).await;
        let servers = join_all(places.iter().map(|place| Server::start_program(&program.path, &place.settings))).await;
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        let (registers, views) = registers::make(&admin, &anna, &servers).await;
        let members = places.into_iter().zip(servers).map(|(place, server)| Member::new(place, server)).collect();
        site.kill_server();
        let link = Proxy::to(redises[0].port()).await;
        let deployment = Self { members, redises, primary: AtomicUsize::new(0), link, program, _site: site };
        (deployment, registers, views)
    }

    /// The Redis that servers are led to.
    pub fn primary(&self) -> &Redis {
        &self.redises[self.primary.load(Ordering::Relaxed)]
    }

    /// The other Redis.
    pub fn spare(&self) -> &Redis {
        &self.redises[1 - self.primary.load(Ordering::Relaxed)]
    }

    /// The spare is the primary from now on.
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

    /// Starts a killed server where it was.
    pub async fn restart(&self, server: usize) {
        let member = &self.members[server];
        let started = Server::start_program(&self.program.path, &member.settings).await;
        *member.server.lock().unwrap() = Some(started);
        member.down.store(false, Ordering::Relaxed);
    }

    /// Whether nobody should ask this server.
    pub fn is_down(&self, server: usize) -> bool {
        self.members[server].down.load(Ordering::Relaxed)
    }
}

impl Place {
    async fn find(program: &Program, site: &Site, redis: &Redis) -> Self {
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
    fn new(Place { proxy, database, settings }: Place, server: Server) -> Self {
        Self { proxy, database, settings, server: Mutex::new(Some(server)), down: AtomicBool::new(false) }
    }

    /// Stops the server where it stands.
    pub fn suspend(&self) {
        self.server.lock().unwrap().iter().for_each(Server::suspend);
    }

    /// Lets it go on.
    pub fn resume(&self) {
        self.server.lock().unwrap().iter().for_each(Server::resume);
    }
}
