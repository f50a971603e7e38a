//! The connection pools, and the migration of the schema.

use std::time::Duration;

use async_trait::async_trait;
use domain::ops::Pool;
use domain::{Outage, ServiceError};
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use sea_orm_migration::MigratorTrait;

use super::error::service_error;
use super::migrations::Migrator;
use super::reader::Reader;
use super::timing::{ACQUIRE, IDLE, OPEN_PAUSE, OPEN_TRIES, PING, STATEMENT, WRITE};

/// Connections that read; a Postgres pool writes as well.
const POOL: u32 = 16;
/// Connections of the tail: one, and one for when that is broken.
const TAIL: u32 = 2;
/// The lock that keeps replicas from migrating at the same time.
const MIGRATION_LOCK: i64 = 0x61_7465_6c69_6572;

/// Puts into the database what an installation must have.
#[async_trait]
pub(crate) trait Installer: Send + Sync {
    /// Installs what is missing. `new` is true where no migration was applied before: only there are offers installed, so that
    /// what an operator changed or withdrew stays so.
    ///
    /// # Errors
    /// When the database fails.
    async fn install(&self, tx: &DatabaseTransaction, new: bool) -> Result<(), ServiceError>;
}

/// The connections to one database. Clones are the same connections.
#[derive(Clone)]
pub(crate) struct Pools {
    reader: Reader,
    writer: DatabaseConnection,
}

impl Pools {
    /// Connects.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn connect(url: &str) -> Result<Self, ServiceError> {
        let reader = open(url, POOL).await?;
        // SQLite has one writer at a time anyway; one connection lets writers queue instead of failing.
        let writer = match reader.get_database_backend() {
            DbBackend::Sqlite => open(url, 1).await?,
            _ => reader.clone(),
        };
        Ok(Self { reader: Reader(reader), writer })
    }

    /// Connects for the tail of the change log, which only reads.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn connect_tail(url: &str) -> Result<Reader, ServiceError> {
        Ok(Reader(open(url, TAIL).await?))
    }

    /// Brings the schema up to date and runs the installers, in one transaction under a lock: replicas may start together.
    ///
    /// # Errors
    /// When the database does not answer or a migration fails.
    pub(crate) async fn migrate(&self, installers: &[&dyn Installer]) -> Result<(), ServiceError> {
        let tx = self.begin().await?;
        if tx.get_database_backend() == DbBackend::Postgres {
            // Copying a large ledger, or waiting for another replica that does, takes its time.
            tx.execute_unprepared("SET LOCAL statement_timeout = 0").await.map_err(service_error)?;
            tx.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")).await.map_err(service_error)?;
        }
        let new = Migrator::get_applied_migrations(&tx).await.map_err(service_error)?.is_empty();
        Migrator::up(&tx, None).await.map_err(service_error)?;
        for installer in installers {
            installer.install(&tx, new).await?;
        }
        tx.commit().await.map_err(service_error)
    }

    /// For reading.
    pub(crate) fn reader(&self) -> &Reader {
        &self.reader
    }

    /// The connection pools, by what they are for.
    pub(crate) fn statistics(&self) -> Vec<Pool> {
        match self.reader.get_database_backend() {
            DbBackend::Sqlite => vec![pool("reader", POOL, &self.reader.0), pool("writer", 1, &self.writer)],
            _ => vec![pool("all", POOL, &self.reader.0)],
        }
    }

    /// Whether the database answers.
    pub(crate) async fn is_available(&self) -> bool {
        tokio::time::timeout(PING, self.reader.0.ping()).await.is_ok_and(|answer| answer.is_ok())
    }

    /// Begins a transaction that may write.
    pub(crate) async fn begin(&self) -> Result<DatabaseTransaction, ServiceError> {
        let immediate =
            TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..Default::default() };
        self.writer.begin_with_options(immediate).await.map_err(service_error)
    }
}

fn pool(name: &'static str, limit: u32, connection: &DatabaseConnection) -> Pool {
    let (open, idle) = if connection.get_database_backend() == DbBackend::Sqlite {
        let pool = connection.get_sqlite_connection_pool();
        (pool.size(), pool.num_idle())
    } else {
        let pool = connection.get_postgres_connection_pool();
        (pool.size(), pool.num_idle())
    };
    Pool { name, open, idle: u32::try_from(idle).unwrap_or(u32::MAX), limit }
}

/// Opens a pool. Servers that start together on a new SQLite file meet while one of them switches it to WAL, which is the one lock
/// that SQLite does not wait for.
async fn open(url: &str, connections: u32) -> Result<DatabaseConnection, ServiceError> {
    for _ in 1..OPEN_TRIES {
        match sea_orm::Database::connect(options(url, connections)).await.map_err(service_error) {
            Err(locked) if url.starts_with("sqlite:") && locked.is_outage() => tokio::time::sleep(OPEN_PAUSE).await,
            opened => return opened,
        }
    }
    sea_orm::Database::connect(options(url, connections)).await.map_err(service_error)
}

fn options(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .acquire_timeout(ACQUIRE)
        .connect_timeout(ACQUIRE)
        .test_before_acquire_if_idle_for(IDLE)
        .sqlx_logging(false)
        .record_stmt_in_spans(false)
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Normal).busy_timeout(STATEMENT)
        })
        .map_sqlx_postgres_opts(|postgres| {
            let milliseconds = |time: Duration| time.as_millis().to_string();
            postgres.application_name("atelier").options([
                ("statement_timeout", milliseconds(STATEMENT)),
                ("idle_in_transaction_session_timeout", milliseconds(WRITE)),
            ])
        });
    options
}
