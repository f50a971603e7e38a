//! A deployment for one test: a database, a cache and one or more servers on them.

use std::sync::Arc;

use super::backend::{Backend, Cache, OnBackend};
use super::client::Client;
use super::database::Database;
use super::people::{ADMIN_EMAIL, ADMIN_PASSWORD, User};
use super::place::{folder, unique};
use super::redis::Redis;
use super::server::{Server, Settings};

/// A deployment that has not been started: what tests change before they start it.
pub struct Blueprint {
    backend: Backend,
    redis: Option<Arc<Redis>>,
    settings: Settings,
}

impl OnBackend for Blueprint {
    async fn on(backend: Backend) -> Self {
        let redis = match backend.cache() {
            Cache::Memory => None,
            Cache::Redis => Some(Redis::shared().await),
        };
        Self { backend, redis, settings: Settings::new() }
    }
}

impl Blueprint {
    /// Adds a setting to every server's environment.
    pub fn set(mut self, name: &str, value: impl ToString) -> Self {
        self.settings.insert(name.into(), value.to_string());
        self
    }

    /// Puts the site on a Redis that no other test uses.
    pub fn on_redis(mut self, redis: Redis) -> Self {
        self.redis = Some(Arc::new(redis));
        self
    }

    /// Starts the site with one server.
    pub async fn open(self) -> Site {
        let folder = folder("site");
        let database = match self.backend {
            Backend::SqliteMemory | Backend::SqliteRedis => Database::sqlite(&folder),
            Backend::PostgresMemory | Backend::PostgresRedis => Database::postgres().await,
        };
        let mut settings = defaults(&database, &folder.display().to_string());
        if let Some(redis) = &self.redis {
            settings.extend([("REDIS_URL".into(), redis.url()), ("REDIS_PREFIX".into(), format!("{}:", unique("test")))]);
        }
        settings.extend(self.settings);
        let server = Server::start(&settings).await;
        Site { server, http: Client::http(), redis: self.redis, settings, database }
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
        ("RUST_LOG", "warn"),
    ];
    settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

/// A running deployment.
pub struct Site {
    server: Server,
    http: reqwest::Client,
    redis: Option<Arc<Redis>>,
    settings: Settings,
    database: Database,
}

impl OnBackend for Site {
    async fn on(backend: Backend) -> Self {
        Blueprint::on(backend).await.open().await
    }
}

impl Site {
    /// The first server.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Starts another server beside the first.
    pub async fn second_server(&self) -> Server {
        Server::start(&self.settings).await
    }

    /// Kills the first server and starts another in its place.
    pub async fn replace_server(&mut self) {
        self.server.kill();
        self.server = Server::start(&self.settings).await;
    }

    /// The environment of its servers.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Its database.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Its Redis; only tests that are about Redis may ask.
    pub fn redis(&self) -> &Redis {
        self.redis.as_deref().expect("a site with Redis")
    }

    /// The Redis keys of this site whose logical key matches a pattern.
    pub fn redis_keys(&self, logical: &str) -> Vec<String> {
        self.redis().keys(&format!("{}{{{logical}}}", self.settings["REDIS_PREFIX"]))
    }

    /// A client of the first server that is not signed in.
    pub fn client(&self) -> Client {
        Client::new(self.http.clone(), self.server.url())
    }

    /// The administrator, signed in.
    pub async fn admin(&self) -> User {
        User::sign_in(&self.client(), ADMIN_EMAIL, ADMIN_PASSWORD).await
    }

    /// A new person, signed in.
    pub async fn register(&self, username: &str) -> User {
        User::register(&self.client(), username).await
    }
}
