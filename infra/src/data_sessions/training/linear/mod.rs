//! The linear model: ridge regression, or logistic regression.

mod design;
mod lbfgs;
mod logistic;
mod ridge;

use serde::{Deserialize, Serialize};

use super::dataset::Target;
use super::encoding::{Encoder, Matrix, copy_row};

use super::progress::Progress;
use design::{Design, Row};

/// Intercept and weights, in one list for each class; in one list for a number and for two classes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Weights {
    intercepts: Vec<f64>,
    weights: Vec<f64>,
}

/// A linear model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Linear {
    design: Design,
    weights: Weights,
}

impl Linear {
    /// Fits the model to the training rows, or says why it is not possible.
    pub(super) fn fit(encoder: &Encoder, train: &Matrix, target: &Target, progress: &Progress) -> Result<Self, String> {
        let design = Design::fit(encoder, train)?;
        let (columns, count) = (design.columns(), target.rows());
        let mut features = Vec::new();
        let mut encode = |index: usize, row: &mut Row| {
            copy_row(train, index, &mut features);
            design.encode(&features, row);
        };
        let weights = match target {
            Target::Numbers(values) => ridge::fit(columns, count, progress, |index, row| {
                encode(index, row);
                values[index]
            })?,
            Target::Classes(names, codes) => {
                let row_of = |index: usize, row: &mut Row| {
                    encode(index, row);
                    usize::from(codes[index])
                };
                logistic::Problem { columns, classes: names.len(), count, row_of }.fit(progress)
            }
        };
        if weights.weights.iter().chain(&weights.intercepts).all(|weight| weight.is_finite()) {
            Ok(Self { design, weights })
        } else {
            Err("its weights are not finite, since values of the columns or of the target are too great".to_owned())
        }
    }

    /// Number of columns, with one for each text.
    pub(super) const fn columns(&self) -> usize {
        self.design.columns()
    }

    /// Sets the number, or the probability of each class.
    pub(super) fn predict(&self, features: &[f32], output: &mut [f64]) {
        let mut row = Row::default();
        self.design.encode(features, &mut row);
        let columns = self.design.columns();
        output[0] = 0.0;
        // A list belongs to the class at its place from the end: two classes have one list, that of the second.
        let lists = self.weights.intercepts.iter().enumerate().rev();
        for ((index, intercept), output) in lists.zip(output.iter_mut().rev()) {
            *output = intercept + row.dot(&self.weights.weights[index * columns..][..columns]);
        }
        if output.len() > 1 {
            logistic::softmax(output);
        }
    }

    /// How much each feature is used: its greatest weight, in thousandths.
    pub(super) fn uses(&self, features: usize) -> Vec<usize> {
        self.design.weigh(features, &self.weights.weights)
    }

    /// Whether a stored model fits its number of features and of outputs.
    pub(super) fn is_valid(&self, features: usize, outputs: usize) -> bool {
        let lists = if outputs == 2 { 1 } else { outputs };
        self.design.is_valid(features)
            && self.weights.intercepts.len() == lists
            && self.weights.weights.len() == lists * self.design.columns()
    }
}

#[cfg(test)]
mod tests;
