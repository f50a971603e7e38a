//! Connection pools, and the migration of the schema.

use std::time::Duration;

use async_trait::async_trait;
use domain::ServiceError;
use domain::ops::Pool;
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait,
};
use sea_orm_migration::MigratorTrait;

use super::error::{missing, service_error};
use super::migrations::Migrator;
use super::reader::Reader;
use super::startup::{check_not_newer, check_same, installer_error, may_open_later, open_error, start_error};
use super::timing::{ACQUIRE, BEAT, IDLE, OPEN_PAUSE, OPEN_TRIES, PING, STATEMENT, WRITE};
use crate::StartError;

/// The size of the pool for reads, on Postgres for reads and writes.
const POOL: u32 = 16;
/// The size of the pool of the tail: one connection, and one to replace it after a failure.
const TAIL: u32 = 2;
/// The advisory lock that serialises the migrations of several servers.
const MIGRATION_LOCK: i64 = 0x61_7465_6c69_6572;

/// Installs the rows that an installation must have.
#[async_trait]
pub(crate) trait Installer: Send + Sync {
    /// Inserts missing rows. `new` is true if no migration was applied before. Only then may offers be inserted, so that offers
    /// that an operator changed or deleted stay so.
    ///
    /// # Errors
    /// When the database fails.
    async fn install(&self, tx: &DatabaseTransaction, new: bool) -> Result<(), ServiceError>;
}

/// The connection pools of one database. Clones share the pools.
#[derive(Clone)]
pub(crate) struct Pools {
    reader: Reader,
    writer: DatabaseConnection,
}

impl Pools {
    /// Connects to a database.
    ///
    /// # Errors
    /// When the database does not answer or its file cannot be opened.
    pub(crate) async fn connect(url: &str) -> Result<Self, StartError> {
        let open = async |connections| open(url, connections).await.map_err(|error| open_error(url, error));
        let reader = open(POOL).await?;
        // SQLite allows one writer at a time. With one connection writers queue instead of failing.
        let writer = match reader.get_database_backend() {
            DbBackend::Sqlite => open(1).await?,
            _ => reader.clone(),
        };
        Ok(Self { reader: Reader(reader), writer })
    }

    /// Connects the pool of the tail of the change log, which only reads.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn connect_tail(url: &str) -> Result<Reader, ServiceError> {
        Ok(Reader(open(url, TAIL).await.map_err(service_error)?))
    }

    /// Connects the one connection of the beats. Its statements wait for locks only briefly. On Postgres its transactions do not wait
    /// for the disk, because an open transaction keeps the horizon of the change log back.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn connect_beats(url: &str) -> Result<DatabaseConnection, ServiceError> {
        open_with(url, 1, Purpose::Beats).await.map_err(service_error)
    }

    /// Closes the connections. SQLite then moves its write-ahead log into the file. A process that exits meanwhile leaves a file that
    /// is damaged without that log.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn close(self) -> Result<(), ServiceError> {
        self.reader.0.close().await.map_err(service_error)?;
        self.writer.close().await.map_err(service_error)
    }

    /// Migrates the schema and runs the installers, in one transaction under a lock, since several servers may start together.
    ///
    /// # Errors
    /// When the database does not answer, has the schema of a newer version, or a migration fails.
    pub(crate) async fn migrate(&self, installers: &[&dyn Installer]) -> Result<(), StartError> {
        let tx = self.writer.begin_with_options(immediate()).await.map_err(start_error)?;
        if tx.get_database_backend() == DbBackend::Postgres {
            // The copy of a large ledger, or the wait for a server that migrates, may take longer than the time-out.
            tx.execute_unprepared("SET LOCAL statement_timeout = 0").await.map_err(service_error)?;
            tx.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")).await.map_err(service_error)?;
        }
        check_not_newer(&tx).await?;
        let new = Migrator::get_applied_migrations(&tx).await.map_err(start_error)?.is_empty();
        Migrator::up(&tx, None).await.map_err(start_error)?;
        for installer in installers {
            installer.install(&tx, new).await.map_err(installer_error)?;
        }
        tx.commit().await.map_err(start_error)
    }

    /// Checks that the database has the schema of this version.
    ///
    /// # Errors
    /// When the schema is older or newer, or the database does not answer.
    pub(crate) async fn check_schema(&self) -> Result<(), StartError> {
        check_same(&self.reader.0).await
    }

    /// The pool for reads.
    pub(crate) fn reader(&self) -> &Reader {
        &self.reader
    }

    /// The statistics of the pools, by name.
    pub(crate) fn statistics(&self) -> Vec<Pool> {
        match self.reader.get_database_backend() {
            DbBackend::Sqlite => vec![pool("reader", POOL, &self.reader.0), pool("writer", 1, &self.writer)],
            _ => vec![pool("all", POOL, &self.reader.0)],
        }
    }

    /// Whether the database answers a ping in time.
    pub(crate) async fn is_available(&self) -> bool {
        tokio::time::timeout(PING, self.reader.0.ping()).await.is_ok_and(|pinged| pinged.is_ok())
    }

    /// Moves SQLite's write-ahead log into the file and empties it, so that deleted content is in neither. Returns `false` if a reader
    /// of the log prevented that. Postgres needs none of it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn empty_log(&self) -> Result<bool, ServiceError> {
        if self.writer.get_database_backend() != DbBackend::Sqlite {
            return Ok(true);
        }
        // Writers wait while it waits for readers.
        self.set_busy_timeout(BEAT).await?;
        let statement = Statement::from_string(DbBackend::Sqlite, "PRAGMA wal_checkpoint(TRUNCATE)");
        let row = self.writer.query_one_raw(statement).await;
        self.set_busy_timeout(STATEMENT).await?;
        let row = row.map_err(service_error)?;
        let is_busy: i64 = row.ok_or_else(|| missing("result of a checkpoint"))?.try_get("", "busy").map_err(service_error)?;
        Ok(is_busy == 0)
    }

    /// Sets how long SQLite's only connection for writes waits for locks.
    async fn set_busy_timeout(&self, time: Duration) -> Result<(), ServiceError> {
        let pragma = format!("PRAGMA busy_timeout = {}", time.as_millis());
        self.writer.execute_unprepared(&pragma).await.map(drop).map_err(service_error)
    }

    /// The pool for writes.
    pub(super) fn writer(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// Begins a transaction that may write.
    pub(crate) async fn begin(&self) -> Result<DatabaseTransaction, ServiceError> {
        self.writer.begin_with_options(immediate()).await.map_err(service_error)
    }
}

fn immediate() -> TransactionOptions {
    TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..Default::default() }
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

/// What a pool is for.
#[derive(Clone, Copy)]
enum Purpose {
    Requests,
    Beats,
}

impl Purpose {
    /// The time-out of a statement, and the settings of commits on Postgres.
    fn settings(self) -> (Duration, Option<(&'static str, &'static str)>) {
        match self {
            Self::Requests => (STATEMENT, None),
            Self::Beats => (BEAT, Some(("synchronous_commit", "off"))),
        }
    }
}

/// Opens a pool for requests.
async fn open(url: &str, connections: u32) -> Result<DatabaseConnection, DbErr> {
    open_with(url, connections, Purpose::Requests).await
}

/// Opens a pool. On a new SQLite file it retries: SQLite does not wait for the lock that another server holds while it switches the
/// file to WAL.
async fn open_with(url: &str, connections: u32, purpose: Purpose) -> Result<DatabaseConnection, DbErr> {
    for _ in 1..OPEN_TRIES {
        match sea_orm::Database::connect(options(url, connections, purpose)).await {
            Err(error) if may_open_later(url, &error) => tokio::time::sleep(OPEN_PAUSE).await,
            opened => return opened,
        }
    }
    sea_orm::Database::connect(options(url, connections, purpose)).await
}

fn options(url: &str, connections: u32, purpose: Purpose) -> ConnectOptions {
    let (statement, commit) = purpose.settings();
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .acquire_timeout(ACQUIRE)
        .connect_timeout(ACQUIRE)
        .test_before_acquire_if_idle_for(IDLE)
        .sqlx_logging(false)
        .record_stmt_in_spans(false)
        .map_sqlx_sqlite_opts(move |sqlite| {
            let sqlite =
                sqlite.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Normal).busy_timeout(statement);
            // Deleted content is overwritten, so that what was erased is not in the file any more.
            sqlite.pragma("secure_delete", "ON")
        })
        .map_sqlx_postgres_opts(move |postgres| {
            let milliseconds = |time: Duration| time.as_millis().to_string();
            postgres.application_name("atelier").options(commit).options([
                ("statement_timeout", milliseconds(statement)),
                ("idle_in_transaction_session_timeout", milliseconds(WRITE)),
            ])
        });
    options
}
