//! Conversions between rows and what is shown of jobs.

use domain::ServiceError;
use domain::jobs::{AdministeredJob, Job, JobState};

use super::entities::job;
use crate::db::{id, of_json, of_word};

/// What the owner of a job sees: of an error, its first sentence without the causes.
pub(super) fn view(row: job::Model) -> Result<Job, ServiceError> {
    let job = with_causes(row)?;
    let error = job.error.as_deref().and_then(|error| error.split(": ").next()).map(str::to_owned);
    Ok(Job { error, ..job })
}

fn with_causes(row: job::Model) -> Result<Job, ServiceError> {
    let state: JobState = of_word(row.state)?;
    // Each failure and each loss began an attempt, and so does a claim that has not ended otherwise.
    let present = i64::from(matches!(state, JobState::Running | JobState::Succeeded));
    Ok(Job {
        id: id(&row.id)?,
        kind: row.kind,
        state,
        attempt: row.failures + row.losses + present,
        progress: row.progress.map(share),
        run_at: row.run_at,
        created_at: row.created_at,
        started_at: row.started_at,
        finished_at: row.finished_at,
        result: row.result.as_deref().map(of_json).transpose()?,
        error: row.error,
        version: row.version,
    })
}

#[expect(clippy::cast_precision_loss, reason = "0 to 1000")]
fn share(thousandths: i64) -> f64 {
    thousandths as f64 / 1000.0
}

/// What administrators see of a job.
pub(super) fn administered(row: job::Model) -> Result<AdministeredJob, ServiceError> {
    Ok(AdministeredJob {
        queue: row.queue.clone(),
        owner_id: row.owner_id.as_deref().map(id).transpose()?,
        payload: of_json(&row.payload)?,
        failures: row.failures,
        losses: row.losses,
        cancel_requested: row.cancel_requested,
        job: with_causes(row)?,
    })
}
