//! Ends the claim of a job, with its effect, in one transaction that is guarded by the claim.
//!
//! The effect locks its rows first, then the job is locked: account, hold, job. If the outcome of the commit is unknown, the
//! settlement is repeated: it waits for the lock of the job, and finds the attempt recorded or still open.

use domain::ids::{JobId, WorkerId};
use domain::jobs::{MAX_LOSSES, retry_delay};
use domain::{ServiceError, Time};
use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};

use super::kind::Done;
use crate::db::{Database, Keys, Tx, execute, json, service_error};

/// How a claim ends.
#[derive(Clone)]
pub(super) enum Ending {
    /// The job has succeeded.
    Succeeded(Done),
    /// The attempt failed. The job runs again at `again`, or has failed for good.
    Failed { error: String, again: Option<Time> },
    /// The job stops as it was asked to.
    Canceled,
    /// The worker is gone. The job runs again, unless it has lost too many workers.
    Lost { losses: i64 },
    /// The worker stops. The attempt does not count.
    HandedBack,
}

impl Ending {
    /// The ending of an attempt that failed, if another attempt may succeed.
    pub(super) fn failed(error: String, failures_before: i64, max_attempts: i64, now: Time) -> Self {
        let failures = failures_before + 1;
        let delay = retry_delay(failures, rand::random());
        Self::Failed { error, again: (failures < max_attempts).then(|| now + delay) }
    }

    fn done(&self) -> Option<&Done> {
        if let Self::Succeeded(done) = self { Some(done) } else { None }
    }

    /// What is recorded of the attempt.
    pub(super) fn outcome(&self) -> &'static str {
        match self {
            Self::Succeeded(_) => "succeeded",
            Self::Failed { again: None, .. } => "failed",
            Self::Failed { again: Some(_), .. } => "retried",
            Self::Canceled => "canceled",
            Self::Lost { .. } => LOST,
            Self::HandedBack => "handed_back",
        }
    }

    /// The changes of the job.
    fn changes(&self, now: Time) -> Result<Changes, ServiceError> {
        Ok(match self {
            Self::Succeeded(done) => {
                let result = done.result.as_ref().map(json).transpose()?;
                Changes::last("succeeded", now).set("result", result).set("progress", 1000)
            }
            Self::Failed { error, again: None } => {
                Changes::last("failed", now).set("error", shown(error)).add("failures = failures + 1")
            }
            Self::Failed { error, again: Some(at) } => {
                Changes::back("scheduled", now).set("error", shown(error)).set("run_at", *at).add("failures = failures + 1")
            }
            Self::Canceled => Changes::last("canceled", now),
            Self::Lost { losses } if losses + 1 >= MAX_LOSSES => {
                Changes::last("failed", now).set("error", POISON).add("losses = losses + 1")
            }
            Self::Lost { .. } => Changes::back("queued", now).set("queue", "isolation").add("losses = losses + 1"),
            Self::HandedBack => Changes::back("queued", now),
        })
    }
}

/// The recorded outcome of a claim whose worker is gone.
const LOST: &str = "lost";
const POISON: &str = "the workers that ran it were lost, three times";
/// The maximum number of characters of an error that is kept.
const MAX_ERROR: usize = 2000;

/// An error as one text that every database stores.
fn shown(error: &str) -> String {
    error.chars().map(|char| if char.is_control() { ' ' } else { char }).take(MAX_ERROR).collect()
}

/// Assignments of an `UPDATE`.
struct Changes {
    assignments: Vec<String>,
    values: Vec<Value>,
}

impl Changes {
    /// The job ends in this state.
    fn last(state: &'static str, now: Time) -> Self {
        Self::always().set("state", state).set("finished_at", now)
    }

    /// The job goes back into this state and runs again, unless it was asked to stop.
    fn back(state: &'static str, now: Time) -> Self {
        let mut changes = Self::always();
        changes.values = vec![state.into(), now.into()];
        changes
            .add("state = CASE WHEN cancel_requested THEN 'canceled' ELSE $1 END")
            .add("finished_at = CASE WHEN cancel_requested THEN $2 ELSE finished_at END")
    }

    fn always() -> Self {
        let assignments = ["worker_id = NULL", "version = version + 1"].map(str::to_owned).into();
        Self { assignments, values: Vec::new() }
    }

    fn set(mut self, column: &str, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self.assignments.push(format!("{column} = ${}", self.values.len()));
        self
    }

    fn add(mut self, assignment: &str) -> Self {
        self.assignments.push(assignment.to_owned());
        self
    }
}

/// The claim that a settlement ends.
#[derive(Debug, Clone)]
pub(super) struct Claimed {
    pub(super) job: JobId,
    pub(super) worker: WorkerId,
    pub(super) fence: i64,
    pub(super) started_at: Time,
    pub(super) serial_key: Option<String>,
}

/// Whether a settlement ended its claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Settled {
    /// The claim has ended as it says, now or by an earlier attempt to settle.
    Yes,
    /// The claim had ended otherwise: the worker was found gone. Nothing was changed.
    Lost,
}

/// Why a settlement was rolled back.
enum Refused {
    NotOwn,
    Service(ServiceError),
}

impl From<ServiceError> for Refused {
    fn from(error: ServiceError) -> Self {
        Self::Service(error)
    }
}

/// Ends a claim.
///
/// # Errors
/// When the database does not answer. The outcome may be unknown, and the settlement is to be repeated.
pub(super) async fn settle(db: &Database, claim: Claimed, ending: Ending, now: Time) -> Result<Settled, ServiceError> {
    let outcome = ending.outcome();
    let (job, fence) = (claim.job, claim.fence);
    let work = move |tx: Tx| async move {
        let effect = ending.done().and_then(|done| done.effect.clone());
        let keys = match effect {
            Some(effect) => effect(Tx::clone(&tx)).await?,
            None => Keys::none(),
        };
        if !update(&tx, &claim, ending.changes(now)?).await? {
            return Err(Refused::NotOwn);
        }
        record(&tx, &claim, outcome, now).await?;
        let keys = if promote_next(&tx, &claim, now).await? { keys.enqueuing() } else { keys };
        Ok(keys.touched_by(()))
    };
    match db.write_naming(work).await {
        Ok(()) => Ok(Settled::Yes),
        Err(Refused::Service(error @ ServiceError::Unavailable(_))) => Err(error),
        Err(refused) => match (recorded(db.reader(), job, fence).await?.as_deref(), refused) {
            // An earlier attempt to settle was committed. Its effect may refuse a second one.
            (Some(outcome), _) if outcome != LOST => Ok(Settled::Yes),
            (_, Refused::Service(error)) => Err(error),
            (_, Refused::NotOwn) => Ok(Settled::Lost),
        },
    }
}

async fn update(tx: &Tx, claim: &Claimed, changes: Changes) -> Result<bool, ServiceError> {
    let Changes { assignments, mut values } = changes;
    let n = values.len();
    let sql = format!(
        "UPDATE jobs SET {} WHERE id = ${} AND state = 'running' AND worker_id = ${} AND fence = ${}",
        assignments.join(", "),
        n + 1,
        n + 2,
        n + 3
    );
    values.extend([claim.job.to_string().into(), claim.worker.to_string().into(), claim.fence.into()]);
    Ok(execute(tx, &sql, values).await? == 1)
}

async fn record(tx: &Tx, claim: &Claimed, outcome: &str, now: Time) -> Result<(), ServiceError> {
    let sql =
        "INSERT INTO job_attempts (job_id, fence, worker_id, started_at, ended_at, outcome) VALUES ($1, $2, $3, $4, $5, $6)";
    let values: [Value; 6] = [
        claim.job.to_string().into(),
        claim.fence.into(),
        claim.worker.to_string().into(),
        claim.started_at.into(),
        now.into(),
        outcome.into(),
    ];
    execute(tx, sql, values).await.map(drop)
}

/// Queues the next job with the serial key of one that ran. Returns whether there is one.
async fn promote_next(tx: &Tx, claim: &Claimed, now: Time) -> Result<bool, ServiceError> {
    let Some(key) = &claim.serial_key else { return Ok(false) };
    let sql = "UPDATE jobs SET state = 'queued', version = version + 1 WHERE id =
                   (SELECT id FROM jobs WHERE state = 'scheduled' AND serial_key = $1 AND run_at <= $2 ORDER BY priority, id LIMIT 1)
               AND state = 'scheduled'
               AND NOT EXISTS (SELECT 1 FROM jobs WHERE state IN ('queued', 'running') AND serial_key = $1)";
    let values: [Value; 2] = [key.as_str().into(), now.into()];
    Ok(execute(tx, sql, values).await? == 1)
}

#[derive(FromQueryResult)]
struct Attempt {
    outcome: String,
}

/// The recorded outcome of a claim.
async fn recorded(db: &impl ConnectionTrait, job: JobId, fence: i64) -> Result<Option<String>, ServiceError> {
    let sql = "SELECT outcome FROM job_attempts WHERE job_id = $1 AND fence = $2";
    let values: [Value; 2] = [job.to_string().into(), fence.into()];
    let attempt =
        Attempt::find_by_statement(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).one(db).await;
    Ok(attempt.map_err(service_error)?.map(|row| row.outcome))
}
