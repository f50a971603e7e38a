//! A database per test: a file on SQLite, a copy of one migrated template on Postgres.

use std::path::Path;

use tokio::sync::OnceCell;

use super::cluster::{Cluster, Frozen};
use super::place::unique;
use super::program;

const TEMPLATE: &str = "migrated";

/// The database of one test; on Postgres it is dropped with this value.
pub enum Database {
    /// A file.
    Sqlite(String),
    /// A database of the suite's cluster.
    Postgres(&'static Cluster, String),
}

impl Database {
    /// A file that does not exist yet: the server makes and migrates it.
    pub fn sqlite(folder: &Path) -> Self {
        Self::Sqlite(format!("sqlite://{}?mode=rwc", folder.join("atelier.db").display()))
    }

    /// A copy of a database that `atelier migrate` has prepared.
    pub async fn postgres() -> Self {
        static MIGRATED: OnceCell<()> = OnceCell::const_new();
        let cluster = Cluster::shared().await;
        MIGRATED.get_or_init(async || migrate_template(cluster)).await;
        Self::create(cluster, &format!("TEMPLATE {TEMPLATE}"))
    }

    /// A database in a Postgres that the test has for itself.
    pub async fn own_postgres() -> Self {
        let database = Self::create(Cluster::own().await, "");
        program::run(&["migrate"], [("DATABASE_URL", database.url())]).succeed();
        database
    }

    /// Stops its Postgres where it stands until the answer is dropped; it must be the test's own.
    pub fn freeze(&self) -> Frozen {
        match self {
            Self::Sqlite(_) => panic!("only Postgres can hang"),
            Self::Postgres(cluster, _) => cluster.freeze(),
        }
    }

    /// A Postgres database with nothing in it.
    pub async fn empty_postgres() -> Self {
        Self::create(Cluster::shared().await, "")
    }

    fn create(cluster: &'static Cluster, template: &str) -> Self {
        let name = unique("test");
        cluster.query("postgres", &format!("CREATE DATABASE {name} {template}")).expect("a new database");
        Self::Postgres(cluster, name)
    }

    /// What `DATABASE_URL` says.
    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(url) => url.clone(),
            Self::Postgres(cluster, name) => cluster.url(name),
        }
    }

    /// Asks Postgres itself; the answer's lines are rows, `|` divides their columns.
    pub fn query(&self, sql: &str) -> String {
        self.attempt(sql).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// Asks Postgres itself for what it may refuse.
    pub fn attempt(&self, sql: &str) -> Result<String, String> {
        match self {
            Self::Sqlite(_) => panic!("only tests on Postgres look into the database"),
            Self::Postgres(cluster, name) => cluster.query(name, sql),
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Self::Postgres(cluster, name) = self {
            let _ = cluster.query("postgres", &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

fn migrate_template(cluster: &Cluster) {
    cluster.query("postgres", &format!("CREATE DATABASE {TEMPLATE}")).expect("a new database");
    program::run(&["migrate"], [("DATABASE_URL", cluster.url(TEMPLATE))]).succeed();
}
