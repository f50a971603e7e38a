//! A trained model, and its bytes.

mod file;
mod predict;
mod predictor;
mod value;

pub(in super::super) use file::ModelError;
pub(in super::super) use predict::PredictError;
pub(super) use predictor::Predictor;

use serde::{Deserialize, Serialize};

use super::encoding::Encoder;

/// A trained model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Model {
    /// How rows are encoded.
    pub(super) encoder: Encoder,
    /// Columns of the table that the model does not use, the target among them.
    pub(super) ignored: Vec<String>,
    /// The column that is predicted.
    pub(super) target: String,
    /// The classes in order. Empty if numbers are predicted.
    pub(super) classes: Vec<String>,
    /// What predicts.
    pub(super) predictor: Predictor,
}
