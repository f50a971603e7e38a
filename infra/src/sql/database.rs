//! The connection pools, and the one way to write.

use std::sync::Arc;
use std::time::Duration;

use domain::operator::Pool;
use domain::{Fault, Outage, Time};
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use sea_orm_migration::MigratorTrait;
use tokio::task::JoinHandle;

use super::change_log;
use super::error::fault;
use super::migrations::Migrator;
use super::reader::Reader;
use crate::cache::{Barriers, Cache, Keys, Position, Written};

/// Connections that read; a Postgres pool writes as well.
const POOL: u32 = 16;
/// Connections of the tail: one, and one for when that is broken.
const TAIL: u32 = 2;
/// How long a caller waits for a connection.
const ACQUIRE: Duration = Duration::from_secs(2);
/// How long a connection may have been idle without being asked whether it still lives.
const IDLE: Duration = Duration::from_secs(1);
/// How long a write may take, its wait for locks included.
const WRITE: Duration = Duration::from_secs(10);
/// How long a caller waits for a write before it wants to know whether the database still lives.
const PATIENCE: Duration = Duration::from_millis(600);
/// How long the database may take to say so.
const PING: Duration = Duration::from_millis(800);
/// How long a commit may take before its outcome counts as unknown.
const COMMIT: Duration = Duration::from_secs(3);
/// How often a SQLite file is tried that cannot be opened, and how long to wait in between.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(50);
/// How long a statement may take.
const STATEMENT: Duration = Duration::from_secs(8);
/// The lock that keeps replicas from migrating at the same time.
const MIGRATION_LOCK: i64 = 0x61_7465_6c69_6572;

/// A transaction that is being written. Clones are one transaction.
pub(crate) type Tx = Arc<DatabaseTransaction>;

/// The database, and the cache that its writes drop keys from.
#[derive(Clone)]
pub(crate) struct Database {
    reader: Reader,
    writer: DatabaseConnection,
    cache: Option<Arc<Cache>>,
}

impl Database {
    /// Connects.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn connect(url: &str) -> Result<Self, Fault> {
        let reader = open(url, POOL).await?;
        // SQLite has one writer at a time anyway; one connection lets them queue instead of failing.
        let writer = match reader.get_database_backend() {
            DbBackend::Sqlite => open(url, 1).await?,
            _ => reader.clone(),
        };
        Ok(Self { reader: Reader(reader), writer, cache: None })
    }

    /// Connects for the tail of the change log, which only reads.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn connect_tail(url: &str) -> Result<Self, Fault> {
        let reader = open(url, TAIL).await?;
        Ok(Self { writer: reader.clone(), reader: Reader(reader), cache: None })
    }

    /// The same database, whose writes drop their keys from `cache`.
    pub(crate) fn with_cache(self, cache: Arc<Cache>) -> Self {
        Self { cache: Some(cache), ..self }
    }

    /// Brings the schema up to date, in one transaction under a lock: replicas may start together.
    ///
    /// # Errors
    /// When the database does not answer or a migration fails.
    pub(crate) async fn migrate(&self) -> Result<(), Fault> {
        let tx = self.begin().await?;
        if tx.get_database_backend() == DbBackend::Postgres {
            // To copy a large ledger, or to wait for another replica that does, takes its time.
            tx.execute_unprepared("SET LOCAL statement_timeout = 0").await.map_err(fault)?;
            tx.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")).await.map_err(fault)?;
        }
        let new = Migrator::get_applied_migrations(&tx).await.map_err(fault)?.is_empty();
        Migrator::up(&tx, None).await.map_err(fault)?;
        super::defaults::install(&tx, new).await?;
        tx.commit().await.map_err(fault)
    }

    /// For reading.
    pub(crate) fn reader(&self) -> &Reader {
        &self.reader
    }

    /// The connection pools, by what they are for.
    pub(crate) fn pools(&self) -> Vec<Pool> {
        match self.reader.get_database_backend() {
            DbBackend::Sqlite => vec![pool("reader", POOL, &self.reader.0), pool("writer", 1, &self.writer)],
            _ => vec![pool("all", POOL, &self.reader.0)],
        }
    }

    /// Whether the database answers.
    pub(crate) async fn answers(&self) -> bool {
        tokio::time::timeout(PING, self.reader.0.ping()).await.is_ok_and(|answer| answer.is_ok())
    }

    /// Writes in one transaction: commits, drops what was touched from the cache, and answers.
    ///
    /// `begins` are the keys whose barriers stand while the work runs: every strict key that the work may touch. The work runs
    /// in a task of its own, to its end, even if the caller goes away: a future that is dropped while a transaction begins
    /// would hand its connection back with the transaction open (transact-rs/sqlx #4393).
    ///
    /// # Errors
    /// What the work answers, after a rollback; or that the database failed.
    pub(crate) async fn write<T, E, F, L>(&self, begins: Keys, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
        F: FnOnce(Tx) -> L + Send + 'static,
        L: Future<Output = Result<Written<T>, E>> + Send,
    {
        let database = self.clone();
        let task = tokio::spawn(async move { database.write_behind_barriers(&begins, work).await });
        self.outcome(task).await?
    }

    /// Waits for a write while the database lives. When it hangs the caller hears so, but never that the write did not happen: it
    /// goes on by itself, and whoever sends it again under its idempotency key hears what became of it.
    async fn outcome<T>(&self, mut task: JoinHandle<T>) -> Result<T, Fault> {
        loop {
            match tokio::time::timeout(PATIENCE, &mut task).await {
                Ok(done) => return done.map_err(Fault::bug),
                Err(_) if self.lives().await => {}
                Err(late) => return Err(Fault::unavailable(late)),
            }
        }
    }

    /// Whether the database has answered the tail of the change log just now, or answers a question.
    async fn lives(&self) -> bool {
        self.cache.as_ref().is_some_and(|cache| cache.has_read_log_within(PATIENCE.max(cache.current_for())))
            || self.answers().await
    }

    async fn write_behind_barriers<T, E, F, L>(&self, begins: &Keys, work: F) -> Result<T, E>
    where
        E: From<Fault>,
        F: FnOnce(Tx) -> L,
        L: Future<Output = Result<Written<T>, E>>,
    {
        let cache = self.cache()?;
        let barriers = cache.begin(begins).await;
        match self.transact(&barriers, work).await {
            Ok((Written { value, keys }, position)) => {
                cache.settle(barriers, &keys, position).await;
                Ok(value)
            }
            Err(Failed::RolledBack(error)) => {
                cache.abandon(barriers).await;
                Err(error)
            }
            // Perhaps it was committed: the barriers stay until they expire by themselves.
            Err(Failed::Unknown(error)) => Err(error.into()),
        }
    }

    async fn transact<T, E, F, L>(&self, barriers: &Barriers, work: F) -> Result<(Written<T>, Position), Failed<E>>
    where
        E: From<Fault>,
        F: FnOnce(Tx) -> L,
        L: Future<Output = Result<Written<T>, E>>,
    {
        let tx = Arc::new(self.begin().await.map_err(rolled_back)?);
        let outcome = tokio::time::timeout(WRITE, self.work(&tx, barriers, work)).await;
        let tx = Arc::into_inner(tx).ok_or_else(|| rolled_back(Fault::bug("a transaction was kept by its work")))?;
        let error = match outcome {
            Ok(Ok(done)) => {
                // In a task: a commit that is given up would leave its connection in the middle of it.
                let committed = tokio::time::timeout(COMMIT, tokio::spawn(tx.commit())).await;
                let committed = committed.map_err(Fault::unavailable).and_then(|done| done.map_err(Fault::bug));
                return committed.and_then(|done| done.map_err(fault)).map(|()| done).map_err(Failed::Unknown);
            }
            Ok(Err(error)) => error,
            Err(elapsed) => Fault::unavailable(elapsed).into(),
        };
        tx.rollback().await.map_err(|error| rolled_back(fault(error)))?;
        Err(Failed::RolledBack(error))
    }

    async fn work<T, E, F, L>(&self, tx: &Tx, barriers: &Barriers, work: F) -> Result<(Written<T>, Position), E>
    where
        E: From<Fault>,
        F: FnOnce(Tx) -> L,
        L: Future<Output = Result<Written<T>, E>>,
    {
        let written = work(Arc::clone(tx)).await?;
        let cache = self.cache()?;
        if !barriers.cover(cache, &written.keys) {
            return Err(Fault::unavailable("what the write touches changed while it was prepared").into());
        }
        let position = change_log::leave(tx, &written.keys.logical(), cache.now()).await?;
        Ok((written, position))
    }

    /// Deletes old rows of the change log; the log itself is no cached data.
    pub(crate) async fn prune_change_log(&self, before: Time) -> Result<(), Fault> {
        let database = self.clone();
        let task = tokio::spawn(async move {
            let tx = Arc::new(database.begin().await?);
            let pruned = change_log::prune(&tx, before).await;
            let tx = Arc::into_inner(tx).ok_or_else(|| Fault::bug("a transaction was kept by its work"))?;
            match pruned {
                Ok(()) => tx.commit().await.map_err(fault),
                Err(error) => tx.rollback().await.map_err(fault).and(Err(error)),
            }
        });
        task.await.map_err(Fault::bug)?
    }

    fn cache(&self) -> Result<&Arc<Cache>, Fault> {
        self.cache.as_ref().ok_or_else(|| Fault::bug("a write before the cache was connected"))
    }

    pub(super) async fn begin(&self) -> Result<DatabaseTransaction, Fault> {
        let immediate =
            TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..Default::default() };
        self.writer.begin_with_options(immediate).await.map_err(fault)
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

/// Why a transaction has no outcome.
enum Failed<E> {
    /// Nothing happened.
    RolledBack(E),
    /// Its commit was sent and not answered.
    Unknown(Fault),
}

fn rolled_back<E: From<Fault>>(fault: Fault) -> Failed<E> {
    Failed::RolledBack(fault.into())
}

/// Opens a pool. Servers that start together on a new SQLite file meet while one of them switches it to WAL, which is the one lock
/// that SQLite does not wait for.
async fn open(url: &str, connections: u32) -> Result<DatabaseConnection, Fault> {
    for _ in 1..TRIES {
        match sea_orm::Database::connect(options(url, connections)).await.map_err(fault) {
            Err(locked) if url.starts_with("sqlite:") && locked.is_outage() => tokio::time::sleep(PAUSE).await,
            opened => return opened,
        }
    }
    sea_orm::Database::connect(options(url, connections)).await.map_err(fault)
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
