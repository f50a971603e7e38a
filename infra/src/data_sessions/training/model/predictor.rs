//! The part of a model that turns features into outputs.

use serde::{Deserialize, Serialize};

use super::super::forest::Forest;
use super::super::linear::Linear;
use super::super::views::ModelKind;

/// The part of a model that turns features into outputs: a number, or the probability of each class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in super::super) struct Predictor {
    outputs: u32,
    method: Method,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Method {
    Linear(Linear),
    Forest(Forest),
}

impl Predictor {
    /// A linear model of so many outputs.
    pub(in super::super) const fn linear(linear: Linear, outputs: u32) -> Self {
        Self { outputs, method: Method::Linear(linear) }
    }

    /// A forest of so many outputs.
    pub(in super::super) const fn forest(forest: Forest, outputs: u32) -> Self {
        Self { outputs, method: Method::Forest(forest) }
    }

    /// Its kind.
    pub(in super::super) const fn kind(&self) -> ModelKind {
        match self.method {
            Method::Linear(_) => ModelKind::Linear,
            Method::Forest(_) => ModelKind::Forest,
        }
    }

    /// Number of outputs: 1, or that of the classes.
    pub(in super::super) const fn outputs(&self) -> usize {
        self.outputs as usize
    }

    /// Sets the outputs for a row of features.
    pub(in super::super) fn predict(&self, features: &[f32], output: &mut [f64]) {
        match &self.method {
            Method::Linear(linear) => linear.predict(features, output),
            Method::Forest(forest) => forest.predict(features, output),
        }
    }

    /// About how many look-ups a prediction takes.
    pub(in super::super) fn work(&self) -> u64 {
        match &self.method {
            Method::Linear(linear) => (linear.columns() * self.outputs()) as u64,
            Method::Forest(forest) => forest.len() as u64 * 20 + (forest.len() * self.outputs()) as u64,
        }
    }

    /// How often each feature is used.
    pub(in super::super) fn uses(&self, features: usize) -> Vec<usize> {
        match &self.method {
            Method::Linear(linear) => linear.uses(features),
            Method::Forest(forest) => forest.uses(features),
        }
    }

    /// Whether a stored predictor fits so many features, and classes if there are any.
    pub(super) fn is_valid(&self, features: usize, classes: usize) -> bool {
        let outputs = self.outputs();
        outputs == classes.max(1)
            && classes != 1
            && match &self.method {
                Method::Linear(linear) => linear.is_valid(features, outputs),
                Method::Forest(forest) => forest.is_valid(features, outputs),
            }
    }
}
