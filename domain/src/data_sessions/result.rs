//! What is shown of a training: its progress, its result and predictions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a model predicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TrainingTask {
    /// A number.
    Regression,
    /// One of a few classes.
    Classification,
}

/// Which model is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ModelChoice {
    /// Both are trained, and the better on the held-out rows is kept.
    #[default]
    Auto,
    /// Ridge or logistic regression.
    Linear,
    /// Random forest.
    Forest,
}

/// A kind of model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "TrainedModelKind")]
pub enum ModelKind {
    /// Ridge regression (penalty 1.0) or logistic regression (C = 1.0), on scaled numbers and one-hot categories.
    Linear,
    /// Random forest, on numbers and the codes of categories.
    Forest,
}

/// The step of a training.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TrainingPhase {
    /// The training waits for a worker.
    #[default]
    Waiting,
    /// Rows are read.
    Reading,
    /// The linear model is fitted.
    Linear,
    /// The trees of the forest are grown.
    Forest,
    /// The importance of the columns is measured.
    Evaluating,
    /// The model and the predictions are written.
    Writing,
    /// The model can be used.
    Done,
}

/// How far a training is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrainingProgress {
    /// The part that is done, from 0 to 1. It never falls.
    pub progress: f64,
    /// The present step.
    pub phase: TrainingPhase,
    /// Trees grown so far; absent before the forest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trees: Option<u64>,
    /// Trees to grow; absent before the forest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<u64>,
    /// Error of the forest on the held-out rows so far: root mean squared error, or the share of wrong classes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_out_error: Option<f64>,
}

/// How well a model predicts the held-out rows. The members are those of the task.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "TrainingMetrics")]
pub struct Metrics {
    /// Of numbers: coefficient of determination. 1 is exact, 0 is no better than the mean.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r2: Option<f64>,
    /// Of numbers: mean absolute error, in units of the target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mae: Option<f64>,
    /// Of numbers: root mean squared error, in units of the target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rmse: Option<f64>,
    /// Of classes: share of right classes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accuracy: Option<f64>,
    /// Of classes: mean over the classes of the share of their rows that are predicted right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balanced_accuracy: Option<f64>,
    /// Of classes: mean negative logarithm of the probability of the true class, in nats. Probabilities are limited to 1e-15.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_loss: Option<f64>,
}

/// A model that was tried.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "TrainingCandidate")]
pub struct Candidate {
    /// Its kind.
    pub model: ModelKind,
    /// Its metrics on the held-out rows; absent if it was not trained.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics: Option<Metrics>,
    /// Its size and settings, or why it was not trained.
    pub detail: String,
}

/// Rows of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "TrainingRows")]
pub struct RowCounts {
    /// All.
    pub total: u64,
    /// Dropped because the target is missing.
    pub dropped: u64,
    /// Used to train.
    pub train: u64,
    /// Held out to measure.
    pub test: u64,
}

/// How often each class was predicted as which.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ConfusionMatrix")]
pub struct Confusion {
    /// The classes.
    pub classes: Vec<String>,
    /// One list for each true class, with the number of held-out rows for each predicted class.
    pub counts: Vec<Vec<u64>>,
}

/// The error after a step of the forest.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StepError {
    /// Trees grown.
    pub trees: u64,
    /// Error on the held-out rows: root mean squared error, or the share of wrong classes.
    pub error: f64,
}

/// How much a model depends on a column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ColumnImportance")]
pub struct Importance {
    /// Name of the column.
    pub column: String,
    /// Loss of R² or accuracy on held-out rows when the values of the column are shuffled. About 0 if the column is not needed.
    pub importance: f64,
}

/// Rows of a class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClassCount {
    /// The class.
    pub class: String,
    /// Its rows.
    pub rows: u64,
}

/// The values of a numeric target, in intervals of equal width.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TargetHistogram {
    /// Least value.
    pub from: f64,
    /// Greatest value.
    pub to: f64,
    /// Rows in each interval.
    pub counts: Vec<u64>,
}

/// The values of the target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TargetBalance {
    /// The classes with most rows, at most 20. Empty for numbers.
    pub classes: Vec<ClassCount>,
    /// Classes that are not listed.
    pub classes_omitted: u64,
    /// The distribution of a numeric target; absent for classes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub histogram: Option<TargetHistogram>,
}

/// Something to know about a training.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TrainingNote {
    /// The column that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// The note, such as why the column is not used.
    pub detail: String,
}

/// The result of a training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrainingResult {
    /// Column that is predicted.
    pub target: String,
    /// What is predicted.
    pub task: TrainingTask,
    /// Why it is this task.
    pub task_evidence: String,
    /// The model that was kept.
    pub model: ModelKind,
    /// Why it was kept.
    pub model_reason: String,
    /// The models that were tried.
    pub candidates: Vec<Candidate>,
    /// Rows of the table.
    pub rows: RowCounts,
    /// Columns that the model uses.
    pub columns: u64,
    /// Metrics of the model on the held-out rows.
    pub metrics: Metrics,
    /// Metrics of the mean, or of the most frequent class, of the training rows.
    pub baseline: Metrics,
    /// True and predicted classes; absent for numbers and for more than 20 classes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confusion: Option<Confusion>,
    /// Held-out error after each step of the forest. Empty if there is none.
    pub error_by_step: Vec<StepError>,
    /// The most important columns, at most 30.
    pub importance: Vec<Importance>,
    /// The values of the target.
    pub balance: TargetBalance,
    /// Ignored columns, and other remarks. At most 100.
    pub notes: Vec<TrainingNote>,
    /// Notes that are left out.
    pub notes_omitted: u64,
    /// Seed of all random choices. The same seed, table and build give the same model.
    pub seed: u64,
    /// Size of the stored model.
    pub model_bytes: u64,
}

/// Probability of a class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClassProbability {
    /// The class.
    pub class: String,
    /// Its probability, from 0 to 1.
    pub probability: f64,
}

/// The prediction for a row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Prediction {
    /// The number, or the class.
    #[serde(rename = "prediction")]
    pub value: Value,
    /// The most probable classes, at most 10; absent for numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probabilities: Option<Vec<ClassProbability>>,
    /// What was replaced in the row, such as a category that the training rows do not have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}
