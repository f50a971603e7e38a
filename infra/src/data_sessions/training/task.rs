//! What a training process is asked to do.

use serde::{Deserialize, Serialize};

use super::cell::ColumnFormat;
use super::error::TrainError;
use super::views::{ModelChoice, TrainingTask};

/// A column of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TaskColumn {
    /// Its name, unique in the table.
    pub(crate) name: String,
    /// How its cells are read.
    pub(crate) format: ColumnFormat,
}

/// A training to run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Task {
    /// The columns, in the order of the cells.
    pub(crate) columns: Vec<TaskColumn>,
    /// Number of rows, if known. Memory is then checked and reserved before the first row.
    #[serde(default)]
    pub(crate) rows: Option<u64>,
    /// Name of the column to predict.
    pub(crate) target: String,
    /// What to predict; decided by the target's values if absent.
    #[serde(default, rename = "task")]
    pub(crate) kind: Option<TrainingTask>,
    /// Which model to train.
    #[serde(default)]
    pub(crate) model: ModelChoice,
    /// Share of the rows that is held out to measure, from 0.05 to 0.5.
    #[serde(default = "default_test_share")]
    pub(crate) test_share: f64,
    /// Seed of all random choices.
    #[serde(default)]
    pub(crate) seed: u64,
    /// For benchmarks: holds out the rows whose number (from 0, without those that miss the target) is this modulo 5.
    #[serde(default)]
    pub(crate) holdout: Option<u64>,
    /// Limit of the process's memory.
    #[serde(default = "default_memory")]
    pub(crate) memory_bytes: u64,
    /// Time after which the forest gets no more trees.
    #[serde(default = "default_seconds")]
    pub(crate) growing_seconds: u64,
}

const fn default_test_share() -> f64 {
    0.2
}

const fn default_memory() -> u64 {
    1 << 30
}

const fn default_seconds() -> u64 {
    600
}

impl Task {
    /// Position of the target. Fails if a setting is out of its range or no column has that name.
    pub(crate) fn check(&self) -> Result<usize, TrainError> {
        if !(0.05..=0.5).contains(&self.test_share) {
            return Err(TrainError::TestShare(self.test_share));
        }
        if self.holdout.is_some_and(|shift| shift >= 5) {
            return Err(TrainError::Input("`holdout` must be from 0 to 4".to_owned()));
        }
        let found = self.columns.iter().position(|column| column.name == self.target);
        found.ok_or_else(|| TrainError::UnknownTarget { name: self.target.clone(), near: self.near(&self.target) })
    }

    /// The three names that are nearest to a name, as a part of a sentence; empty if none is near.
    fn near(&self, name: &str) -> String {
        let wanted = name.to_lowercase();
        let distance = |other: &str| strsim::jaro_winkler(&wanted, &other.to_lowercase());
        let mut names: Vec<(f64, &str)> =
            self.columns.iter().map(|column| (distance(&column.name), column.name.as_str())).collect();
        names.retain(|(likeness, _)| *likeness > 0.7);
        names.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
        let quoted: Vec<String> = names.iter().take(3).map(|(_, name)| format!("`{name}`")).collect();
        if quoted.is_empty() { String::new() } else { format!(" Did you mean {}?", quoted.join(" or ")) }
    }
}
