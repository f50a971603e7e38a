//! A queue in memory with the interface of the jobs to come. Jobs are lost with their process.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use domain::ids::JobId;
use domain::{ServiceError, Time};
use parking_lot::Mutex;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::ScheduledTask;
use crate::db::{Tx, json, of_json};

/// A queue.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Queue {
    /// Mail.
    Mail,
}

/// What all jobs of a kind have in common.
#[derive(Debug, Clone, Copy)]
#[expect(dead_code, reason = "the jobs to come read them")]
pub(crate) struct Spec {
    pub(crate) name: &'static str,
    pub(crate) queue: Queue,
    pub(crate) max_attempts: i64,
    pub(crate) deadline: Duration,
}

/// An attempt.
pub(crate) struct Run {
    job: JobId,
}

impl Run {
    /// The job.
    pub(crate) fn job(&self) -> JobId {
        self.job
    }
}

/// A kind of job.
#[async_trait]
pub(crate) trait JobKind: Send + Sync + 'static {
    type Payload: Serialize + DeserializeOwned + Send + Sync + 'static;
    const SPEC: Spec;

    async fn run(&self, payload: Self::Payload, run: &Run) -> Result<Done, Failure>;
}

/// Success.
pub(crate) struct Done;

impl Done {
    /// A success that has nothing to show.
    pub(crate) fn empty() -> Self {
        Self
    }
}

/// Failure.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Another attempt may succeed.
    #[error(transparent)]
    Retry(#[from] ServiceError),
    /// No other attempt will succeed.
    #[error("{0}")]
    Permanent(String),
}

/// A job to enqueue.
pub(crate) struct NewJob<P>(P);

impl<P> NewJob<P> {
    /// A job that is due now.
    pub(crate) fn of(payload: P) -> Self {
        Self(payload)
    }
}

struct Waiting {
    kind: &'static str,
    id: JobId,
    payload: String,
    run_at: Time,
    attempts: i64,
}

static WAITING: Mutex<VecDeque<Waiting>> = Mutex::new(VecDeque::new());

/// Enqueues a job.
#[expect(clippy::unused_async, reason = "the interface")]
pub(crate) async fn enqueue<K: JobKind>(_: &Tx, new: NewJob<K::Payload>, now: Time) -> Result<JobId, ServiceError> {
    let id = JobId::generate(now);
    let (kind, payload) = (K::SPEC.name, json(&new.0)?);
    WAITING.lock().push_back(Waiting { kind, id, payload, run_at: now, attempts: 0 });
    Ok(id)
}

#[async_trait]
trait AnyKind: Send + Sync {
    fn spec(&self) -> Spec;
    async fn run(&self, payload: &str, run: &Run) -> Result<Done, Failure>;
}

#[async_trait]
impl<K: JobKind> AnyKind for K {
    fn spec(&self) -> Spec {
        K::SPEC
    }

    async fn run(&self, payload: &str, run: &Run) -> Result<Done, Failure> {
        JobKind::run(self, of_json(payload)?, run).await
    }
}

/// The kinds, and the task that runs their jobs.
#[derive(Clone, Default)]
pub(crate) struct Kinds(BTreeMap<&'static str, Arc<dyn AnyKind>>);

impl Kinds {
    /// These kinds and another one.
    pub(crate) fn with<K: JobKind>(mut self, kind: K) -> Self {
        self.0.insert(K::SPEC.name, Arc::new(kind));
        self
    }
}

#[async_trait]
impl ScheduledTask for Kinds {
    fn name(&self) -> &'static str {
        "jobs_in_memory"
    }

    async fn run(&self, now: Time) -> Result<u64, ServiceError> {
        let due = {
            let mut waiting = WAITING.lock();
            let place = waiting.iter().position(|job| job.run_at <= now);
            place.and_then(|place| waiting.remove(place))
        };
        let Some(mut job) = due else { return Ok(0) };
        let Some(kind) = self.0.get(job.kind) else { return Ok(0) };
        job.attempts += 1;
        match kind.run(&job.payload, &Run { job: job.id }).await {
            Ok(_) => {}
            Err(Failure::Retry(error)) if job.attempts < kind.spec().max_attempts => {
                tracing::warn!(job = %job.id, %error, "a job failed and is run again");
                job.run_at = now + TimeDelta::milliseconds(200);
                WAITING.lock().push_back(job);
            }
            Err(error) => tracing::error!(job = %job.id, %error, "a job failed for good"),
        }
        Ok(1)
    }
}
