//! Claims queued jobs for a worker.

use domain::ids::{JobId, WorkerId};
use domain::{ServiceError, Time};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};

use super::queue::Queue;
use crate::db::{Database, id, service_error};

/// A job that a worker runs: its present claim.
#[derive(Debug, Clone)]
pub(super) struct Claim {
    pub(super) job: JobId,
    pub(super) kind: String,
    pub(super) payload: String,
    pub(super) worker: WorkerId,
    /// The number of this claim among those of the job.
    pub(super) fence: i64,
    /// Attempts that failed before.
    pub(super) failures: i64,
    pub(super) serial_key: Option<String>,
    pub(super) due_at: Time,
    pub(super) started_at: Time,
}

#[derive(FromQueryResult)]
struct Row {
    id: String,
    kind: String,
    payload: String,
    fence: i64,
    failures: i64,
    serial_key: Option<String>,
    run_at: Time,
}

/// Which jobs a worker claims.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) worker: WorkerId,
    pub(super) queue: Queue,
    /// The kinds that it knows, as SQL literals.
    pub(super) kinds: String,
    pub(super) at_most: usize,
    /// The oldest first, also before those of higher priority.
    pub(super) by_age: bool,
}

#[derive(FromQueryResult)]
struct Waiting {
    queue: String,
}

/// The queues, of these, in which jobs of these kinds wait.
pub(super) async fn waiting(db: &impl ConnectionTrait, queues: &[Queue], kinds: &str) -> Result<Vec<Queue>, ServiceError> {
    if queues.is_empty() {
        return Ok(Vec::new());
    }
    let first = |queue: &Queue| {
        let queue = queue.word();
        // The order makes Postgres use the index. With EXISTS it scans the table if it expects many queued jobs.
        format!(
            "SELECT '{queue}' AS queue FROM (SELECT id FROM jobs WHERE state = 'queued' AND queue = '{queue}' AND kind IN ({kinds})
             ORDER BY priority, id LIMIT 1) AS {queue}_first"
        )
    };
    let sql = queues.iter().map(first).collect::<Vec<_>>().join(" UNION ALL ");
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let found = Waiting::find_by_statement(statement).all(db).await.map_err(service_error)?;
    Ok(queues.iter().copied().filter(|queue| found.iter().any(|row| row.queue == queue.word())).collect())
}

/// Whether a job of these kinds is queued or runs.
pub(super) async fn are_open(db: &impl ConnectionTrait, kinds: &str) -> Result<bool, ServiceError> {
    let sql = format!(
        "SELECT queue FROM jobs WHERE state = 'queued' AND kind IN ({kinds})
         UNION ALL SELECT queue FROM jobs WHERE state = 'running' AND kind IN ({kinds}) LIMIT 1"
    );
    let statement = Statement::from_string(db.get_database_backend(), sql);
    Ok(Waiting::find_by_statement(statement).one(db).await.map_err(service_error)?.is_some())
}

/// Claims jobs. If the outcome is unknown, claims may exist of which the worker does not know; see [`own`].
pub(super) async fn claim(db: &Database, request: Request, now: Time) -> Result<Vec<Claim>, ServiceError> {
    let worker = request.worker;
    let rows: Vec<Row> = db.write_alone(update(db.reader().get_database_backend(), &request, now)?).await?;
    let claim = |row: Row| {
        let Row { id: job, kind, payload, fence, failures, serial_key, run_at } = row;
        Ok(Claim { job: id(&job)?, kind, payload, worker, fence, failures, serial_key, due_at: run_at, started_at: now })
    };
    rows.into_iter().map(claim).collect()
}

fn update(backend: DbBackend, request: &Request, now: Time) -> Result<Statement, ServiceError> {
    let lock = if backend == DbBackend::Postgres { "FOR UPDATE SKIP LOCKED" } else { "" };
    let order = if request.by_age { "id" } else { "priority, id" };
    let (queue, kinds) = (request.queue.word(), &request.kinds);
    // A worker without a row is gone: it must not claim. The key of de-duplication ends with the wait.
    let sql = format!(
        "WITH due AS MATERIALIZED (
             SELECT id FROM jobs WHERE state = 'queued' AND queue = '{queue}' AND kind IN ({kinds}) ORDER BY {order} LIMIT $3 {lock}
         )
         UPDATE jobs SET state = 'running', worker_id = $1, started_at = $2, fence = fence + 1, dedup_key = NULL, progress = NULL,
             version = version + 1
         WHERE id IN (SELECT id FROM due) AND EXISTS (SELECT 1 FROM workers WHERE id = $1)
         RETURNING id, kind, payload, fence, failures, serial_key, run_at"
    );
    let at_most = i64::try_from(request.at_most).map_err(ServiceError::bug)?;
    let values: [Value; 3] = [request.worker.to_string().into(), now.into(), at_most.into()];
    Ok(Statement::from_sql_and_values(backend, sql, values))
}

/// A claim of a worker, as the database has it.
#[derive(Debug, FromQueryResult)]
struct OwnRow {
    id: String,
    fence: i64,
    cancel_requested: bool,
    serial_key: Option<String>,
    started_at: Option<Time>,
}

/// A claim of a worker, as the database has it.
#[derive(Debug, Clone)]
pub(super) struct Own {
    pub(super) job: JobId,
    pub(super) fence: i64,
    pub(super) cancel_requested: bool,
    pub(super) serial_key: Option<String>,
    pub(super) started_at: Time,
}

/// All claims of a worker.
pub(super) async fn own(db: &impl ConnectionTrait, worker: WorkerId) -> Result<Vec<Own>, ServiceError> {
    let sql = "SELECT id, fence, cancel_requested, serial_key, started_at FROM jobs WHERE state = 'running' AND worker_id = $1";
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [worker.to_string().into()]);
    let rows = OwnRow::find_by_statement(statement).all(db).await.map_err(service_error)?;
    let own = |row: OwnRow| {
        let OwnRow { id: job, fence, cancel_requested, serial_key, started_at } = row;
        let started_at = started_at.ok_or_else(|| crate::db::missing("start of a running job"))?;
        Ok(Own { job: id(&job)?, fence, cancel_requested, serial_key, started_at })
    };
    rows.into_iter().map(own).collect()
}
