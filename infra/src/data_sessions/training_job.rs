//! The job that trains a model in a child process.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::data_sessions::{DataSessionError, ModelSummary, TrainingPhase, TrainingProgress, TrainingReport, TrainingRequest};
use domain::ids::{DataSessionId, JobId};
use domain::{Clock, ServiceError};
use sea_orm::Value;
use serde::{Deserialize, Serialize};
use tokio::time::timeout;
use ulid::Ulid;

use super::child::{Child, Output, Trained};
use super::frames::FrameStore;
use super::rows::{StoredModel, training_keys};
use super::sheet::Sheet;
use crate::cache::keys;
use crate::db::{Database, Keys, Tx, execute, json};
use crate::jobs::{Done, Failure, JobKind, Queue, Run, Spec};

/// The training to run.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Payload {
    pub(super) session: DataSessionId,
    /// The part with the rows of the table.
    pub(super) table: String,
    pub(super) request: TrainingRequest,
}

/// The limits of the child process of a training.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TrainingLimits {
    /// Memory, in bytes.
    pub(crate) memory: u64,
    /// Time.
    pub(crate) time: Duration,
}

/// Trains the model of a session. An attempt starts anew.
pub(crate) struct TrainModel {
    pub(super) db: Database,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) frames: Arc<dyn FrameStore>,
    pub(super) limits: TrainingLimits,
}

/// The session or its table is gone, so the model is not needed.
fn replaced() -> Failure {
    Failure::Permanent("The data session has expired, or its table was replaced.".to_owned())
}

impl From<DataSessionError> for Failure {
    fn from(error: DataSessionError) -> Self {
        match error {
            DataSessionError::Service(error) => error.into(),
            _ => replaced(),
        }
    }
}

#[async_trait]
impl JobKind for TrainModel {
    type Payload = Payload;
    const SPEC: Spec =
        Spec { name: "train_model", queue: Queue::Heavy, priority: 5, max_attempts: 3, deadline: Duration::from_hours(2) };

    async fn run(&self, payload: Payload, run: &Run) -> Result<Done, Failure> {
        let (session, mut report) = (payload.session, TrainingReport::of(payload.request.clone()));
        let trained = timeout(self.limits.time, self.train(payload, &mut report, run)).await;
        let trained = trained.unwrap_or_else(|_| Err(self.too_long()));
        if let Err(Failure::Permanent(error)) = &trained {
            report.error = Some(error.clone());
            // No row changes if the session is gone.
            self.write_report(session, &report, run).await?;
            // The log has the error of a job, and must not have the content of a table.
            return Err(Failure::Permanent("The training was refused. Its progress has the reason.".to_owned()));
        }
        trained
    }
}

impl TrainModel {
    fn too_long(&self) -> Failure {
        let seconds = self.limits.time.as_secs();
        Failure::Permanent(format!(
            "The training took longer than {seconds} s. Upload fewer rows or columns, or request the linear model."
        ))
    }

    async fn train(&self, payload: Payload, report: &mut TrainingReport, run: &Run) -> Result<Done, Failure> {
        let Payload { session, table, .. } = payload;
        let sheet = Sheet::read(&*self.frames, session, &table).await?;
        let mut child = Child::start(&sheet, &report.request, self.limits)?;
        child.feed(Arc::clone(&self.frames), session, table);
        let trained = loop {
            match child.next().await? {
                Output::Progress(progress) => report.progress = progress,
                Output::Trained(trained) => break *trained,
            }
            if !self.write_report(session, report, run).await? {
                return Err(replaced());
            }
            run.progress(report.progress.progress).await?;
        };
        let model = self.store(session, trained, report).await?;
        let (job, values) = (run.job(), Arc::new((json(report)?, json(&model)?)));
        Ok(Done::empty().and(move |tx| complete(tx, session, job, Arc::clone(&values))))
    }

    /// Stores the report if the session still waits for this job.
    async fn write_report(&self, session: DataSessionId, report: &TrainingReport, run: &Run) -> Result<bool, ServiceError> {
        let (report_json, job) = (json(report)?, run.job());
        let work = async move |tx: Tx| {
            let sql = "UPDATE data_sessions SET report = $1 WHERE id = $2 AND job_id = $3";
            execute(&tx, sql, [report_json.into(), session.to_string().into(), job.to_string().into()]).await
        };
        let rows: u64 = self.db.write(Keys::of(keys::SessionTrainingProgress(session)), work).await?;
        Ok(rows > 0)
    }

    /// Stores the model and the predictions of the held-out rows.
    async fn store(
        &self,
        session: DataSessionId,
        Trained { model, predictions, bytes, result }: Trained,
        report: &mut TrainingReport,
    ) -> Result<StoredModel, ServiceError> {
        let name = Ulid::new();
        let stored = StoredModel {
            part: format!("model-{name}"),
            frames: model.count(),
            predictions: format!("predictions-{name}"),
            prediction_frames: predictions.count(),
            summary: ModelSummary { target: report.request.target.clone(), bytes, trained_at: self.clock.now() },
        };
        model.store(&*self.frames, session, &stored.part).await?;
        predictions.store(&*self.frames, session, &stored.predictions).await?;
        let last = result.error_by_step.last();
        let trees = last.map(|step| step.trees);
        let held_out_error = last.map(|step| step.error);
        report.progress = TrainingProgress { progress: 1.0, phase: TrainingPhase::Done, trees, of: trees, held_out_error };
        report.result = Some(result);
        Ok(stored)
    }
}

/// Gives the session its model, in the transaction of the job's success.
async fn complete(
    tx: Tx,
    session: DataSessionId,
    job: JobId,
    report_and_model: Arc<(String, String)>,
) -> Result<Keys, ServiceError> {
    let (report, model) = &*report_and_model;
    let sql = "UPDATE data_sessions SET report = $1, stored_model = $2 WHERE id = $3 AND job_id = $4";
    let values: [Value; 4] = [report.as_str().into(), model.as_str().into(), session.to_string().into(), job.to_string().into()];
    execute(&tx, sql, values).await?;
    Ok(training_keys(session))
}
