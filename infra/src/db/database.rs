//! The write transaction. All writes of features go through [`Database`], which invalidates the cached keys that they touch.

use std::sync::Arc;

use domain::{Clock, ServiceError};
use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult, Statement, Value};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::change_log::Position;
use super::error::service_error;
use super::invalidation::{Barriers, Invalidation, Keys, Written};
use super::pools::Pools;
use super::reader::Reader;
use super::sql_change_log;
use super::timing::{COMMIT, PROGRESS_CHECK, WRITE};

/// A transaction in progress. Clones share one transaction.
pub(crate) type Tx = Arc<DatabaseTransaction>;

/// The database, and the cache in which its writes invalidate keys.
#[derive(Clone)]
pub(crate) struct Database {
    pools: Pools,
    cache: Arc<dyn Invalidation>,
    clock: Arc<dyn Clock>,
    jobs: Arc<Notify>,
}

/// Runs a statement in a transaction. Returns the number of rows that it changed.
///
/// # Errors
/// When the database refuses it.
pub(crate) async fn execute(tx: &Tx, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<u64, ServiceError> {
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    Ok(tx.execute_raw(statement).await.map_err(service_error)?.rows_affected())
}

/// The error of a transaction.
enum Failed<E> {
    /// The transaction was rolled back.
    RolledBack(E),
    /// The commit was sent and its outcome is unknown.
    Unknown(ServiceError),
}

fn rolled_back<E: From<ServiceError>>(error: ServiceError) -> Failed<E> {
    Failed::RolledBack(error.into())
}

impl Database {
    /// A database whose writes invalidate their keys in `cache`.
    pub(crate) fn new(pools: Pools, cache: Arc<dyn Invalidation>, clock: Arc<dyn Clock>) -> Self {
        Self { pools, cache, clock, jobs: Arc::default() }
    }

    /// The pool for reads.
    pub(crate) fn reader(&self) -> &Reader {
        self.pools.reader()
    }

    /// Returns after a write of this process has enqueued a job. It may return without reason.
    pub(crate) async fn job_enqueued(&self) {
        self.jobs.notified().await;
    }

    /// The connection pools.
    pub(crate) fn pools(&self) -> &Pools {
        &self.pools
    }

    /// Writes in one transaction whose keys are known in advance: BEGIN, work, log rows, COMMIT, END and DROP, acknowledgement.
    ///
    /// The work runs in its own task and completes even if the caller is dropped. A future that is dropped while a transaction begins
    /// would return its connection to the pool with the transaction open (transact-rs/sqlx #4393).
    ///
    /// # Errors
    /// The error of the work, after a rollback; or an error of the database.
    pub(crate) async fn write<T, E, F, L>(&self, keys: Keys, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<ServiceError> + Send + 'static,
        F: FnOnce(Tx) -> L + Send + 'static,
        L: Future<Output = Result<T, E>> + Send,
    {
        let (database, named) = (self.clone(), keys.clone());
        let work = async move |tx| work(tx).await.map(|value| named.touched_by(value));
        self.outcome(tokio::spawn(async move { database.transact(Some(keys), work).await })).await?
    }

    /// Writes in one transaction whose work returns its keys: work, BEGIN, log rows, COMMIT, END and DROP, acknowledgement. A barrier
    /// must precede the commit, not the transaction. The work runs as in [`Database::write`].
    ///
    /// # Errors
    /// As [`Database::write`].
    pub(crate) async fn write_naming<T, E, F, L>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<ServiceError> + Send + 'static,
        F: FnOnce(Tx) -> L + Send + 'static,
        L: Future<Output = Result<Written<T>, E>> + Send,
    {
        let database = self.clone();
        self.outcome(tokio::spawn(async move { database.transact(None, work).await })).await?
    }

    /// Runs one statement that touches no cached key, as a transaction of its own: it saves the round trips of BEGIN and COMMIT. Returns
    /// its rows. It runs in its own task, as the work in [`Database::write`].
    ///
    /// # Errors
    /// When the database does not answer. The outcome may be unknown.
    pub(crate) async fn write_alone<R>(&self, statement: Statement) -> Result<Vec<R>, ServiceError>
    where
        R: FromQueryResult + Send + 'static,
    {
        let pools = self.pools.clone();
        let work = async move { timeout(WRITE, R::find_by_statement(statement).all(pools.writer())).await };
        let rows = self.outcome(tokio::spawn(work)).await?.map_err(ServiceError::unavailable)?;
        rows.map_err(service_error)
    }

    /// Waits for a write while the database answers. If the database hangs, the caller gets an error of unknown outcome. The write
    /// continues, and a retry with the same idempotency key gets its outcome.
    async fn outcome<T>(&self, mut task: JoinHandle<T>) -> Result<T, ServiceError> {
        loop {
            match timeout(PROGRESS_CHECK, &mut task).await {
                Ok(done) => return done.map_err(ServiceError::bug),
                Err(_) if self.is_answering().await => {}
                Err(late) => return Err(ServiceError::unavailable(late)),
            }
        }
    }

    /// Whether the change log was read recently, or the database answers a ping.
    async fn is_answering(&self) -> bool {
        self.cache.has_read_log_within(PROGRESS_CHECK) || self.pools.is_available().await
    }

    async fn transact<T, E, F, L>(&self, known: Option<Keys>, work: F) -> Result<T, E>
    where
        E: From<ServiceError>,
        F: FnOnce(Tx) -> L,
        L: Future<Output = Result<Written<T>, E>>,
    {
        let mut barriers = None;
        if let Some(keys) = known {
            barriers = Some(self.cache.begin(&keys).await);
        }
        match self.commit(&mut barriers, work).await {
            Ok((Written { value, keys }, position)) => {
                if keys.enqueue_jobs() {
                    self.jobs.notify_one();
                }
                self.cache.settle(barriers.unwrap_or_default(), &keys, position).await;
                Ok(value)
            }
            Err(Failed::RolledBack(error)) => {
                if let Some(barriers) = barriers {
                    self.cache.abandon(barriers).await;
                }
                Err(error)
            }
            // The transaction may have been committed, so its barriers stay until they expire.
            Err(Failed::Unknown(error)) => Err(error.into()),
        }
    }

    async fn commit<T, E, F, L>(&self, barriers: &mut Option<Barriers>, work: F) -> Result<(Written<T>, Position), Failed<E>>
    where
        E: From<ServiceError>,
        F: FnOnce(Tx) -> L,
        L: Future<Output = Result<Written<T>, E>>,
    {
        let tx = Arc::new(self.pools.begin().await.map_err(rolled_back)?);
        let outcome = timeout(WRITE, self.work(&tx, barriers, work)).await;
        let tx =
            Arc::into_inner(tx).ok_or_else(|| rolled_back(ServiceError::bug("the work of a transaction did not release it")))?;
        let error = match outcome {
            Ok(Ok(done)) => {
                // In its own task: a commit that is dropped would leave its connection in an undefined state.
                let committed = timeout(COMMIT, tokio::spawn(tx.commit())).await;
                let committed = committed.map_err(ServiceError::unavailable).and_then(|done| done.map_err(ServiceError::bug));
                return committed.and_then(|done| done.map_err(service_error)).map(|()| done).map_err(Failed::Unknown);
            }
            Ok(Err(error)) => error,
            Err(elapsed) => ServiceError::unavailable(elapsed).into(),
        };
        tx.rollback().await.map_err(|error| rolled_back(service_error(error)))?;
        Err(Failed::RolledBack(error))
    }

    /// The part of a write inside its transaction: the work, the barriers unless they exist, and the log rows.
    async fn work<T, E, F, L>(&self, tx: &Tx, barriers: &mut Option<Barriers>, work: F) -> Result<(Written<T>, Position), E>
    where
        E: From<ServiceError>,
        F: FnOnce(Tx) -> L,
        L: Future<Output = Result<Written<T>, E>>,
    {
        let written = work(Arc::clone(tx)).await?;
        if barriers.is_none() {
            *barriers = Some(self.cache.begin(&written.keys).await);
        }
        let position = sql_change_log::append(tx, &written.keys.logged(), self.clock.now()).await?;
        Ok((written, position))
    }
}
