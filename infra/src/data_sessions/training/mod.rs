//! stub
#![allow(missing_docs, unused, dead_code)]
pub mod wire;
pub mod child { pub fn run() -> std::process::ExitCode { std::process::ExitCode::FAILURE } }
use serde::{Deserialize, Serialize};
use super::table::cell::ColumnFormat;
use domain::data_sessions::{ModelChoice, TrainingTask, Predictions};
#[derive(Serialize, Deserialize)] pub struct TaskColumn { pub name: String, pub format: ColumnFormat }
#[derive(Serialize, Deserialize)] pub struct Task { pub columns: Vec<TaskColumn>, pub rows: Option<u64>, pub target: String, pub task: Option<TrainingTask>, pub model: ModelChoice, pub test_share: f64, pub seed: u64, pub holdout: Option<u64>, pub memory_bytes: u64, pub growing_seconds: u64 }
#[derive(Serialize, Deserialize)] pub struct Failure { pub detail: String }
pub struct Model;
#[derive(Debug, thiserror::Error)] pub enum ModelError { #[error("x")] X }
#[derive(Debug, thiserror::Error)] pub enum PredictError { #[error("x")] X }
impl PredictError { pub fn pointer(&self) -> String { String::new() } }
impl Model { pub fn load(b: &[u8]) -> Result<Self, ModelError> { Err(ModelError::X) } pub fn predict(&self, rows: &[serde_json::Map<String, serde_json::Value>]) -> Result<Predictions, PredictError> { Err(PredictError::X) } }
