//! Training of models on tables, in a process of its own, and predictions by them.
//!
//! A training process reads a task and the rows of a table as frames (`wire`), trains a linear model and a random forest (`linear`,
//! `forest`), keeps the better on held-out rows, and writes frames: progress, the model, predictions of the held-out rows, the result.
//! The same task, seed and build give the same model bytes: one thread computes, and no order depends on hashing.
//! A stored model (`model`) predicts rows that arrive as JSON. Limits on time are the parent's duty, as is killing the process.

mod budget;
pub(crate) mod child;
mod dataset;
mod encoding;
mod error;
mod evaluation;
mod forest;
mod linear;
mod model;
mod output;
mod probabilities;
mod process;
mod progress;
mod run;
mod task;
#[cfg(test)]
mod tests;
pub(crate) mod wire;

use domain::data_sessions as views;

use super::table::cell;

pub(super) use error::Failure;
pub(super) use model::{Model, ModelError, PredictError};
pub use process::run_training;
pub(super) use task::{Task, TaskColumn};
