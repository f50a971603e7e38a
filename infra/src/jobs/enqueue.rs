//! Enqueues jobs in the transaction of a write.

use domain::ids::{JobId, UserId};
use domain::{ServiceError, Time};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};

use super::kind::{JobKind, Spec};
use super::permit::JobPermit;
use crate::db::{Tx, execute, id, json, service_error};

/// The number of attempts to insert a job beside an equal one that starts.
const ATTEMPTS: usize = 10;

/// A job to enqueue, which is due now.
pub(crate) struct NewJob<P> {
    payload: P,
    owner: Option<UserId>,
    subject: Option<UserId>,
    serial_key: Option<String>,
}

impl<P> NewJob<P> {
    /// A job of the site.
    pub(crate) fn of(payload: P) -> Self {
        Self { payload, owner: None, subject: None, serial_key: None }
    }

    /// A job of the site whose arguments are about a user. It is erased with that user.
    #[must_use]
    pub(crate) fn about(mut self, user: UserId) -> Self {
        self.subject = Some(user);
        self
    }

    /// A job that a user starts. It belongs to the user.
    #[must_use]
    pub(crate) fn owned_by(mut self, JobPermit(user): JobPermit) -> Self {
        self.owner = Some(user);
        self
    }

    /// Never beside a job with this key.
    #[must_use]
    pub(crate) fn serial(mut self, key: impl Into<String>) -> Self {
        self.serial_key = Some(key.into());
        self
    }
}

/// Enqueues a job, and returns its id. The write must name
/// [`Keys::enqueuing`](crate::db::Keys::enqueuing), so that a worker looks at once.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn enqueue<K: JobKind>(tx: &Tx, new: NewJob<K::Payload>, now: Time) -> Result<JobId, ServiceError> {
    let NewJob { payload, owner, subject, serial_key } = new;
    let row = Row { spec: K::SPEC, payload: json(&payload)?, owner, subject, dedup_key: None, serial_key, run_at: now };
    row.insert(tx, now).await
}

/// A job whose payload has been serialised.
pub(super) struct Row {
    pub(super) spec: Spec,
    pub(super) payload: String,
    pub(super) owner: Option<UserId>,
    pub(super) subject: Option<UserId>,
    /// Of the jobs of a kind with this key that have not started there is one.
    pub(super) dedup_key: Option<String>,
    pub(super) serial_key: Option<String>,
    /// It does not run before this time.
    pub(super) run_at: Time,
}

#[derive(FromQueryResult)]
struct Existing {
    id: String,
}

impl Row {
    /// Inserts the job, unless an equal one waits to start. That one is locked, so that it starts after this transaction. Returns the id
    /// of the one that will run.
    pub(super) async fn insert(self, tx: &Tx, now: Time) -> Result<JobId, ServiceError> {
        let new = JobId::generate(now);
        for _ in 0..ATTEMPTS {
            if self.try_insert(tx, new, now).await? {
                return Ok(new);
            }
            if let Some(existing) = self.lock_existing(tx).await? {
                return Ok(existing);
            }
        }
        Err(ServiceError::unavailable("equal jobs started during each attempt to enqueue another one"))
    }

    async fn try_insert(&self, tx: &Tx, job: JobId, now: Time) -> Result<bool, ServiceError> {
        // A job with a serial key is promoted when no other with that key is queued or runs.
        let state = if self.run_at <= now && self.serial_key.is_none() { "queued" } else { "scheduled" };
        let sql =
            "INSERT INTO jobs (id, kind, queue, priority, payload, state, run_at, owner_id, subject_id, dedup_key, serial_key, created_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING";
        let values: [Value; 12] = [
            job.to_string().into(),
            self.spec.name.into(),
            self.spec.queue.word().into(),
            self.spec.priority.into(),
            self.payload.as_str().into(),
            state.into(),
            self.run_at.into(),
            self.owner.map(|owner| owner.to_string()).into(),
            self.subject.map(|subject| subject.to_string()).into(),
            self.dedup_key.clone().into(),
            self.serial_key.clone().into(),
            now.into(),
        ];
        Ok(execute(tx, sql, values).await? == 1)
    }

    async fn lock_existing(&self, tx: &Tx) -> Result<Option<JobId>, ServiceError> {
        let backend = tx.get_database_backend();
        // A claim that holds the lock may start it. Then this statement finds no row.
        let lock = if backend == DbBackend::Postgres { "FOR UPDATE" } else { "" };
        let sql = format!("SELECT id FROM jobs WHERE kind = $1 AND dedup_key = $2 AND state IN ('scheduled', 'queued') {lock}");
        let values: [Value; 2] = [self.spec.name.into(), self.dedup_key.clone().into()];
        let statement = Statement::from_sql_and_values(backend, sql, values);
        let existing = Existing::find_by_statement(statement).one(&**tx).await.map_err(service_error)?;
        existing.map(|row| id(&row.id)).transpose()
    }
}
