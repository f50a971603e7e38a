//! A database per test: a file on SQLite, a copy of one migrated template on Postgres.

use std::path::Path;

use tokio::sync::OnceCell;

use super::postgres::{PostgresServer, Suspended};
use super::program;
use super::scratch::unique;

const TEMPLATE: &str = "migrated";

/// The database of one test; on Postgres it is dropped with this value.
pub enum Database {
    /// A file.
    Sqlite(String),
    /// A database of a Postgres server.
    Postgres(&'static PostgresServer, String),
}

impl Database {
    /// A file that does not exist yet: the server creates and migrates it.
    pub fn sqlite(folder: &Path) -> Self {
        Self::Sqlite(format!("sqlite://{}?mode=rwc", folder.join("atelier.db").display()))
    }

    /// A copy of a database migrated by `atelier migrate`.
    pub async fn postgres() -> Self {
        static MIGRATED: OnceCell<()> = OnceCell::const_new();
        let server = PostgresServer::shared().await;
        MIGRATED.get_or_init(async || migrate_template(server)).await;
        Self::create(server, &format!("TEMPLATE {TEMPLATE}"))
    }

    /// A migrated database in a Postgres that no other test uses.
    pub async fn own_postgres() -> Self {
        let database = Self::create(PostgresServer::own().await, "");
        program::run(&["migrate"], [("DATABASE_URL", database.url())]).succeed();
        database
    }

    /// Suspends its Postgres until the result is dropped; no other test may use it.
    pub fn suspend(&self) -> Suspended {
        match self {
            Self::Sqlite(_) => panic!("only Postgres can be suspended"),
            Self::Postgres(server, _) => server.suspend(),
        }
    }

    /// Crashes its Postgres, starts it again and waits until it responds; no other test may use it.
    pub async fn restart(&self) {
        match self {
            Self::Sqlite(_) => panic!("only Postgres can be restarted"),
            Self::Postgres(server, _) => server.restart().await,
        }
    }

    /// An empty Postgres database.
    pub async fn empty_postgres() -> Self {
        Self::create(PostgresServer::shared().await, "")
    }

    fn create(server: &'static PostgresServer, template: &str) -> Self {
        let name = unique("test");
        server.query("postgres", &format!("CREATE DATABASE {name} {template}")).expect("a new database");
        Self::Postgres(server, name)
    }

    /// The `DATABASE_URL`.
    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(url) => url.clone(),
            Self::Postgres(server, name) => server.url(name),
        }
    }

    /// Runs a query on Postgres: one row a line, columns separated by `|`.
    pub fn query(&self, sql: &str) -> String {
        self.try_query(sql).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// Runs a query that Postgres may refuse.
    pub fn try_query(&self, sql: &str) -> Result<String, String> {
        match self {
            Self::Sqlite(_) => panic!("only tests on Postgres query the database"),
            Self::Postgres(server, name) => server.query(name, sql),
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Self::Postgres(server, name) = self {
            let _ = server.query("postgres", &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

fn migrate_template(server: &PostgresServer) {
    server.query("postgres", &format!("CREATE DATABASE {TEMPLATE}")).expect("a new database");
    program::run(&["migrate"], [("DATABASE_URL", server.url(TEMPLATE))]).succeed();
}
