//! The configuration of a deployment before it is started.

use std::path::Path;
use std::sync::Arc;

use futures_util::future::join_all;

use super::backend::{Backend, Cache, OnBackend};
use super::client::Client;
use super::database::Database;
use super::mail_server::MailServer;
use super::redis::Redis;
use super::scratch::{folder, unique};
use super::server::{Server, Settings};
use super::site::Site;
use super::users::{ADMIN_EMAIL, ADMIN_PASSWORD};
use super::virtual_time::{Time, VirtualTime};

/// A backend, and the settings of the servers on it.
pub struct SiteBuilder {
    backend: Backend,
    redis: Option<Arc<Redis>>,
    settings: Settings,
    absent: Vec<&'static str>,
    migrated: bool,
    own_postgres: bool,
    start: Option<Time>,
}

impl OnBackend for SiteBuilder {
    async fn on(backend: Backend) -> Self {
        let redis = match backend.cache() {
            Cache::Memory => None,
            Cache::Redis => Some(Redis::shared().await),
        };
        Self { backend, redis, settings: Settings::new(), absent: Vec::new(), migrated: true, own_postgres: false, start: None }
    }
}

impl SiteBuilder {
    /// Adds a setting to every server's environment.
    pub fn set(mut self, name: &str, value: impl ToString) -> Self {
        self.settings.insert(name.into(), value.to_string());
        self
    }

    /// Removes a setting from every server's environment.
    pub fn without(mut self, name: &'static str) -> Self {
        self.absent.push(name);
        self
    }

    /// Runs the site on a Redis that no other test uses.
    pub fn on_redis(mut self, redis: Redis) -> Self {
        self.redis = Some(Arc::new(redis));
        self
    }

    /// Runs the site on a database without migrations.
    pub fn on_empty_database(mut self) -> Self {
        self.migrated = false;
        self
    }

    /// Runs the site on a Postgres that no other test uses.
    pub fn on_own_postgres(mut self) -> Self {
        self.own_postgres = true;
        self
    }

    /// Runs all servers on a test clock that starts at this time.
    pub fn at(mut self, start: &str) -> Self {
        self.start = Some(start.parse().expect("an RFC 3339 time"));
        self
    }

    /// A database without migrations and without a site.
    pub async fn empty_database(self) -> Database {
        self.on_empty_database().database(&folder("site")).await
    }

    /// Starts the site with one server.
    pub async fn open(self) -> Site {
        self.open_with_others(0).await.0
    }

    /// Starts a mail server and a site that sends its mails there, with the sender `no-reply@mail.example.com`.
    pub async fn open_with_mail(self) -> (Site, MailServer) {
        let mails = MailServer::start().await;
        let site = self
            .set("SMTP_URL", mails.url())
            .set("MAIL_FROM", "Das Atelier <no-reply@mail.example.com>")
            .set("PUBLIC_URL", "https://app.example.com")
            .set("CHANGE_LOG_POLL_MS", 50);
        (site.open().await, mails)
    }

    /// Starts the site with several servers, all at the same time.
    pub async fn open_with_others(self, others: usize) -> (Site, Vec<Server>) {
        let folder = folder("site");
        let database = self.database(&folder).await;
        let mut settings = defaults(&database, &folder.display().to_string());
        if let Some(redis) = &self.redis {
            settings.extend([("REDIS_URL".into(), redis.url()), ("REDIS_PREFIX".into(), format!("{}:", unique("test")))]);
        }
        settings.extend(self.settings);
        settings.retain(|name, _| !self.absent.contains(&name.as_str()));
        let mut servers = join_all((0..=others).map(|_| Server::start_at(&settings, self.start))).await;
        let (server, time) = (servers.remove(0), self.start.map(VirtualTime::starting_at));
        (Site { server, http: Client::http(), redis: self.redis, settings, database, time }, servers)
    }

    async fn database(&self, folder: &Path) -> Database {
        match self.backend {
            Backend::SqliteMemory | Backend::SqliteRedis => Database::sqlite(folder),
            Backend::PostgresMemory | Backend::PostgresRedis if self.own_postgres => Database::own_postgres().await,
            Backend::PostgresMemory | Backend::PostgresRedis if self.migrated => Database::postgres().await,
            Backend::PostgresMemory | Backend::PostgresRedis => Database::empty_postgres().await,
        }
    }
}

fn defaults(database: &Database, data: &str) -> Settings {
    let url = database.url();
    let settings = [
        ("DATABASE_URL", url.as_str()),
        ("DATA_DIR", data),
        ("HOST", "127.0.0.1"),
        ("PORT", "0"),
        ("TOKEN_SECRET", "a secret that is long enough for the suite"),
        ("ADMIN_EMAIL", ADMIN_EMAIL),
        ("ADMIN_PASSWORD", ADMIN_PASSWORD),
        // A busy machine must not make the tail late; tests that depend on its interval set their own.
        ("CHANGE_LOG_POLL_MS", "1000"),
        // Tests of the first read of a key need an empty cache.
        ("CACHE_WARM_UP", "false"),
        ("RUST_LOG", "warn"),
        // Limits are in force, and no test meets them by accident; tests of limits set their own.
        ("RATE_LIMIT_USER", "1000000/1"),
        ("RATE_LIMIT_SERVICE_KEY", "1000000/1"),
        ("RATE_LIMIT_ADDRESS", "1000000/1"),
        ("RATE_LIMIT_SIGN_IN", "1000000/1"),
    ];
    settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}
