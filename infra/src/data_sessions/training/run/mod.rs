//! Trains the models that were asked for, and keeps the better.

mod candidates;
mod result;

use std::time::Instant;

use super::dataset::{Dataset, split};
use super::encoding::{Fitted, fit};
use super::error::TrainError;
use super::evaluation::importance;
use super::model::Model;
use super::output;
use super::progress::Progress;
use super::task::Task;
use super::views::{TrainingPhase, TrainingResult};
use candidates::{Data, candidates};

/// What a training yields.
pub(super) struct Outcome {
    /// The model's bytes.
    pub(super) model: Vec<u8>,
    /// The predictions for the held-out rows, as CSV.
    pub(super) predictions: Vec<u8>,
    /// The result.
    pub(super) result: TrainingResult,
}

/// Trains on a table that is read. `start` is when the training began.
pub(super) fn run(task: &Task, data: Dataset, progress: &Progress, start: Instant) -> Result<Outcome, TrainError> {
    let Dataset { columns, target, numbers, total } = data;
    let (target, evidence) = target.decide(task, &numbers, total)?;
    let split = split(task, &target);
    let Fitted { encoder, train, test, notes } = fit(task, columns, &split)?;
    let balance = super::evaluation::balance(&target);
    let (train_target, test_target) = (target.of(&split.train), target.of(&split.test));
    drop(target);
    let data = Data { task, encoder: &encoder, train_target, test: &test, test_target: &test_target, progress, start };
    let tried = candidates(data, train)?;
    progress.begin(TrainingPhase::Evaluating, 0.98);
    let importance = importance(&encoder, &tried.best.predictor, (&test, &test_target), task.seed, progress);
    progress.begin(TrainingPhase::Writing, 1.0);
    let predictions = output::predictions(&split, &numbers, &test_target, &tried.best.outputs)?;
    let mut result = result::result(task, &tried, &test_target);
    (result.task_evidence, result.balance, result.importance) = (evidence, balance, importance);
    (result.rows.total, result.rows.dropped) = (total, total - numbers.len() as u64);
    (result.rows.train, result.rows.test) = (split.train.len() as u64, split.test.len() as u64);
    result.columns = encoder.columns.len() as u64;
    result::add_notes(&mut result, notes);
    let ignored = task.columns.iter().filter(|column| encoder.columns.iter().all(|used| used.name != column.name));
    let ignored = ignored.map(|column| column.name.clone()).collect();
    let classes = test_target.into_classes();
    let model = Model { encoder, ignored, target: task.target.clone(), classes, predictor: tried.best.predictor };
    let model = model.to_bytes().map_err(|error| TrainError::Internal(error.to_string()))?;
    result.model_bytes = model.len() as u64;
    Ok(Outcome { model, predictions, result })
}

#[cfg(test)]
mod tests;
