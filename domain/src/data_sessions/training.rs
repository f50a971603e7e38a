//! Trainings: what is requested, what is reported, and predictions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::result::{ModelChoice, Prediction, TrainingProgress, TrainingResult, TrainingTask};
use crate::ids::JobId;
use crate::jobs::JobState;

/// The default share of the rows that are held out to test the model.
pub const DEFAULT_TEST_SHARE: f64 = 0.2;
/// The smallest and the largest share of held-out rows.
pub const TEST_SHARES: (f64, f64) = (0.05, 0.5);
/// Maximum number of rows that are predicted at once.
pub const MAX_PREDICTED_ROWS: usize = 1000;

/// A request to train a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrainingRequest {
    /// The name of the column to predict.
    pub target: String,
    /// What is predicted; absent if it follows from the column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<TrainingTask>,
    /// Which model.
    pub model: ModelChoice,
    /// The share of the rows that are held out to test the model.
    pub test_share: f64,
    /// The seed of all random choices.
    pub seed: u64,
}

/// What a training has reported.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrainingReport {
    /// The request.
    pub request: TrainingRequest,
    /// How far it is.
    #[serde(flatten)]
    pub progress: TrainingProgress,
    /// Why it failed; absent unless it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The outcome; absent until the training has succeeded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<TrainingResult>,
}

impl TrainingReport {
    /// The report of a training that has not begun.
    #[must_use]
    pub fn of(request: TrainingRequest) -> Self {
        Self { request, progress: TrainingProgress::default(), error: None, result: None }
    }
}

/// A training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Training {
    /// The job that trains.
    pub job_id: JobId,
    /// The state of the job.
    pub state: JobState,
    /// What it has reported.
    #[serde(flatten)]
    pub report: TrainingReport,
}

/// Rows to predict, each with a value for each column by its name.
#[derive(Debug, Clone, PartialEq)]
pub struct PredictionRows(pub Vec<Map<String, Value>>);

/// Predictions of rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Predictions {
    /// The column that is predicted.
    pub target: String,
    /// The predictions, in the order of the rows.
    pub items: Vec<Prediction>,
}
