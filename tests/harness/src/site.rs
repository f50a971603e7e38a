//! A running deployment for one test: a database, a cache and one or more servers on them.

use std::sync::Arc;

use super::backend::{Backend, OnBackend};
use super::client::Client;
use super::database::Database;
use super::redis::Redis;
use super::server::{Server, Settings};
use super::site_builder::SiteBuilder;
use super::users::{ADMIN_EMAIL, ADMIN_PASSWORD, User};
use super::virtual_time::VirtualTime;

/// A running deployment.
pub struct Site {
    pub(super) server: Server,
    pub(super) http: reqwest::Client,
    pub(super) redis: Option<Arc<Redis>>,
    pub(super) settings: Settings,
    pub(super) database: Database,
    pub(super) time: Option<VirtualTime>,
}

impl OnBackend for Site {
    async fn on(backend: Backend) -> Self {
        SiteBuilder::on(backend).await.open().await
    }
}

impl Site {
    /// The first server.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Starts another server beside the first.
    pub async fn second_server(&self) -> Server {
        self.start(&self.settings).await
    }

    /// Starts another server with one different setting.
    pub async fn server_with(&self, name: &str, value: &str) -> Server {
        let mut settings = self.settings.clone();
        settings.insert(name.into(), value.into());
        self.start(&settings).await
    }

    /// Kills the first server.
    pub fn kill_server(&mut self) {
        self.server.kill();
    }

    /// Stops the first server, as an operator does.
    pub async fn stop_server(&mut self) {
        self.server.terminate();
        self.server.wait_until_exited().await;
    }

    /// Kills the first server and starts another in its place.
    pub async fn replace_server(&mut self) {
        self.server.kill();
        self.server = self.start(&self.settings).await;
    }

    async fn start(&self, settings: &Settings) -> Server {
        Server::start_at(settings, self.time.as_ref().map(VirtualTime::now)).await
    }

    /// The servers' environment.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Its database.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Its Redis; panics on a site without one.
    pub fn redis(&self) -> &Redis {
        self.redis.as_deref().expect("a site with Redis")
    }

    /// The Redis keys of this site whose logical key matches a pattern.
    pub fn redis_keys(&self, logical: &str) -> Vec<String> {
        self.redis().keys(&format!("{}{{{logical}}}", self.settings["REDIS_PREFIX"]))
    }

    /// A client of the first server, not signed in.
    pub fn client(&self) -> Client {
        Client::new(self.http.clone(), self.server.url())
    }

    /// The administrator, signed in.
    pub async fn admin(&self) -> User {
        self.admin_at(&self.client()).await
    }

    /// The administrator, signed in at the server of this client.
    pub async fn admin_at(&self, client: &Client) -> User {
        User::sign_in(client, ADMIN_EMAIL, ADMIN_PASSWORD).await
    }

    /// A new user, signed in.
    pub async fn register(&self, username: &str) -> User {
        User::register(&self.client(), username).await
    }
}
