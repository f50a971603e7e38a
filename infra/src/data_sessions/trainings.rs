//! Trainings and their jobs.

use std::sync::Arc;

use domain::ServiceError;
use domain::data_sessions::{DataSessionError, FilePieces, OpenSession, SessionFile, Training, TrainingReport, TrainingRequest};
use domain::ids::{DataSessionId, JobId};
use domain::jobs::JobError;
use sea_orm::{ConnectionTrait, Value};

use super::rows::{find, lock, training_keys};
use super::service::SqlDataSessions;
use super::sheet::Sheet;
use super::training_job::{Payload, TrainModel};
use crate::db::{Keys, execute, json, missing};
use crate::jobs::{NewJob, cancel_job, enqueue, find_job, permit_job};

/// Number of columns that an error names.
const NAMED_COLUMNS: usize = 20;

/// Whether a job of a training has not ended.
pub(super) async fn is_training(db: &impl ConnectionTrait, job: Option<JobId>) -> Result<bool, ServiceError> {
    let Some(job) = job else { return Ok(false) };
    Ok(find_job(db, job).await?.is_some_and(|job| !job.state.is_final()))
}

/// Checks that the target is a column of the table.
fn check_target(sheet: &Sheet, request: &TrainingRequest) -> Result<(), DataSessionError> {
    let names: Vec<&str> = sheet.info.columns.iter().map(|column| column.name.as_str()).collect();
    if names.contains(&request.target.as_str()) {
        return Ok(());
    }
    let (listed, more) = (names.iter().take(NAMED_COLUMNS).copied().collect::<Vec<_>>().join(", "), names.len() > NAMED_COLUMNS);
    let more = if more { ", …" } else { "" };
    let detail = format!("must be a column of the table, one of {listed}{more}");
    Err(DataSessionError::InvalidTraining { member: "target", detail })
}

impl SqlDataSessions {
    /// Enqueues a training. The model of a former one is dropped. The row of the session is locked before that of its user.
    pub(super) async fn start_training(
        &self,
        session: &OpenSession,
        request: TrainingRequest,
    ) -> Result<Training, DataSessionError> {
        let (id, owner, now) = (session.id, session.owner, self.clock.now());
        let table = find(self.db.reader(), id, now).await?.table()?.ok_or(DataSessionError::NoTable)?;
        check_target(&Sheet::read(&*self.frames, id, &table.part).await?, &request)?;
        let (report, job_limit) = (TrainingReport::of(request), Arc::clone(&self.job_limit));
        let (job, removed) = self
            .db
            .write(training_keys(id).enqueuing(), async move |tx| {
                let row = lock(&tx, id, now).await?;
                if row.table()?.as_ref() != Some(&table) {
                    return Err(DataSessionError::NoTable);
                }
                if is_training(&*tx, row.job()?).await? {
                    return Err(DataSessionError::TrainingRuns);
                }
                let job = NewJob::of(Payload { session: id, table: table.part, request: report.request.clone() });
                let job = match owner {
                    Some(owner) => job.owned_by(permit_job::<DataSessionError>(&tx, &*job_limit, owner, now).await?),
                    None => job,
                };
                let job = enqueue::<TrainModel>(&tx, job, now).await?;
                let sql = "UPDATE data_sessions SET job_id = $1, report = $2, stored_model = NULL WHERE id = $3";
                let values: [Value; 3] = [job.to_string().into(), json(&report)?.into(), id.to_string().into()];
                execute(&tx, sql, values).await?;
                let former = row.model()?.map(|model| [model.part, model.predictions]);
                Ok((job, former.into_iter().flatten().collect::<Vec<_>>()))
            })
            .await?;
        for part in removed {
            self.frames.remove_part(id, &part).await?;
        }
        self.with_report(id, job).await
    }

    /// The state of a job with the report of its training. The state is read first: the report of a job that has ended is complete.
    pub(super) async fn with_report(&self, session: DataSessionId, job_id: JobId) -> Result<Training, DataSessionError> {
        let job = find_job(self.db.reader(), job_id).await?.ok_or_else(|| missing("job of a training"))?;
        let mut report = self.reads.report(session).await?.value()?;
        report.error = report.error.or(job.error);
        Ok(Training { job_id, state: job.state, report })
    }

    /// Cancels the training of a session.
    pub(super) async fn cancel_training(&self, session: &OpenSession) -> Result<(), DataSessionError> {
        let (job, now) = (session.job.ok_or(DataSessionError::NotTrained)?, self.clock.now());
        let canceled = self.db.write(Keys::none(), async move |tx| cancel_job(&tx, job, now).await).await;
        canceled.map_err(|error| match error {
            JobError::Finished => DataSessionError::TrainingEnded,
            JobError::Service(error) => error.into(),
            other => ServiceError::bug(other).into(),
        })
    }

    /// A file of the model.
    pub(super) async fn find_file(&self, session: &OpenSession, file: SessionFile) -> Result<FilePieces, DataSessionError> {
        let row = find(self.db.reader(), session.id, self.clock.now()).await?;
        let model = row.model()?.ok_or(DataSessionError::NotTrained)?;
        let (part, count) = match file {
            SessionFile::Model => (model.part, model.frames),
            SessionFile::Predictions => (model.predictions, model.prediction_frames),
        };
        Ok(FilePieces { session: session.id, part, count })
    }
}
