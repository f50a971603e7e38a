//! Logistic regression with a penalty of the squared weights (C = 1), of two and of more classes.
//!
//! The mean loss is minimised by L-BFGS, as scikit-learn does. Rows are encoded again in each iteration, so that the columns of 0 and 1
//! are never held.

use super::super::progress::Progress;
use super::Weights;
use super::design::Row;
use super::lbfgs;

/// Greatest number of evaluations of the loss.
const MAX_EVALUATIONS: usize = 300;

/// Least number of evaluations of the loss, on the largest tables.
const MIN_EVALUATIONS: usize = 20;

/// Greatest number of products in all evaluations, which takes about 20 s.
const WORK: usize = 10_000_000_000;

/// The rows to learn from.
pub(super) struct Problem<F> {
    /// Number of columns.
    pub(super) columns: usize,
    /// Number of classes.
    pub(super) classes: usize,
    /// Number of rows.
    pub(super) count: usize,
    /// Encodes a row, and returns its class.
    pub(super) row_of: F,
}

impl<F: FnMut(usize, &mut Row) -> usize> Problem<F> {
    /// Fits the weights. Two classes share one list of weights, of which the second's probability rises.
    pub(super) fn fit(mut self, progress: &Progress) -> Weights {
        let lists = if self.classes == 2 { 1 } else { self.classes };
        let size = self.columns + 1;
        let mut point = vec![0.0; lists * size];
        let mut scores = vec![0.0; self.classes];
        let mut row = Row::default();
        let limit = self.evaluations();
        lbfgs::minimise(&mut point, limit, |point, gradient, evaluation| {
            progress.within(evaluation, limit);
            self.loss(point, gradient, &mut row, &mut scores)
        });
        let lists = || point.chunks(size);
        Weights {
            intercepts: lists().map(|list| list[self.columns]).collect(),
            weights: lists().flat_map(|list| &list[..self.columns]).copied().collect(),
        }
    }

    /// How often the loss may be evaluated: often enough to converge on most tables, and bounded on the largest.
    fn evaluations(&mut self) -> usize {
        let mut row = Row::default();
        (self.row_of)(0, &mut row);
        let work = self.count * self.classes * (row.numbers.len() + row.ones.len() + 4);
        (WORK / work.max(1)).clamp(MIN_EVALUATIONS, MAX_EVALUATIONS)
    }

    /// The mean loss and its gradient.
    #[expect(clippy::cast_precision_loss, reason = "a number of rows")]
    fn loss(&mut self, point: &[f64], gradient: &mut [f64], row: &mut Row, scores: &mut [f64]) -> f64 {
        let (size, columns) = (self.columns + 1, self.columns);
        gradient.fill(0.0);
        let mut loss = 0.0;
        for index in 0..self.count {
            let class = (self.row_of)(index, row);
            for (score, list) in scores.iter_mut().rev().zip(point.chunks(size).rev()) {
                *score = row.dot(&list[..columns]) + list[columns];
            }
            if self.classes == 2 {
                scores[0] = 0.0;
            }
            softmax(scores);
            loss -= scores[class].max(f64::MIN_POSITIVE).ln();
            scores[class] -= 1.0;
            for (error, list) in scores.iter().rev().zip(gradient.chunks_mut(size).rev()) {
                row.add_to(&mut list[..columns], *error);
                list[columns] += error;
            }
        }
        let rows = self.count as f64;
        for part in gradient.iter_mut() {
            *part /= rows;
        }
        let mut penalty = 0.0;
        for (list, slopes) in point.chunks(size).zip(gradient.chunks_mut(size)) {
            for (weight, slope) in list[..columns].iter().zip(slopes) {
                penalty += weight * weight;
                *slope += weight / rows;
            }
        }
        (loss + 0.5 * penalty) / rows
    }
}

/// Turns scores into probabilities.
pub(super) fn softmax(scores: &mut [f64]) {
    let greatest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    for score in scores.iter_mut() {
        *score = (*score - greatest).exp();
    }
    let sum: f64 = scores.iter().sum();
    for score in scores.iter_mut() {
        *score /= sum;
    }
}
