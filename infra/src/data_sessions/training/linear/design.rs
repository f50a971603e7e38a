//! The columns of the linear model: first the scaled numbers, then a column of 0 and 1 for each frequent text.

use serde::{Deserialize, Serialize};
use smartcore::linalg::basic::arrays::Array;

use super::super::encoding::{Encoder, Feature, Matrix};

/// Greatest number of columns.
pub(super) const MAX_COLUMNS: usize = 2_000;

/// A column with more texts than this pools those that are rare.
const FEW_LEVELS: usize = 20;

/// A text of fewer training rows is rare.
const RARE: u32 = 5;

/// The slot of a text without a column.
const NONE: u32 = u32::MAX;

/// A feature that becomes a scaled column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Scaled {
    feature: u32,
    mean: f64,
    scale: f64,
}

/// A feature that becomes columns of 0 and 1: the column of each code. Rare texts share one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct OneHot {
    feature: u32,
    slots: Vec<u32>,
}

/// The columns of the linear model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Design {
    scaled: Vec<Scaled>,
    one_hot: Vec<OneHot>,
    columns: u32,
}

/// A row of the design.
#[derive(Debug, Default)]
pub(super) struct Row {
    /// The first columns.
    pub(super) numbers: Vec<f64>,
    /// The other columns that are 1.
    pub(super) ones: Vec<usize>,
}

impl Row {
    /// The product with weights.
    pub(super) fn dot(&self, weights: &[f64]) -> f64 {
        let numbers: f64 = self.numbers.iter().zip(weights).map(|(number, weight)| number * weight).sum();
        numbers + self.ones.iter().map(|column| weights[*column]).sum::<f64>()
    }

    /// Adds a multiple of the row to a sum.
    pub(super) fn add_to(&self, sum: &mut [f64], factor: f64) {
        sum.iter_mut().zip(&self.numbers).for_each(|(sum, number)| *sum += factor * number);
        self.ones.iter().for_each(|column| sum[*column] += factor);
    }
}

impl Design {
    /// The columns for training rows, or why there are too many. The rarest texts are pooled until the columns are few enough.
    pub(super) fn fit(encoder: &Encoder, train: &Matrix) -> Result<Self, String> {
        let mut design = Self { scaled: Vec::new(), one_hot: Vec::new(), columns: 0 };
        let features: Vec<(u32, &Feature)> = (0..).zip(encoder.features()).collect();
        for (index, _) in features.iter().filter(|(_, feature)| matches!(feature, Feature::Number { .. })) {
            design.add_scaled(train, *index);
        }
        let texts = features.iter().filter_map(|(index, feature)| match feature {
            Feature::Category { levels, .. } => Some((*index, count(train, *index, levels.len()))),
            Feature::Number { .. } => None,
        });
        let texts: Vec<(u32, Vec<u32>)> = texts.collect();
        let (numbers, mut rare) = (design.columns, RARE);
        loop {
            (design.columns, design.one_hot) = (numbers, Vec::new());
            for (feature, counts) in &texts {
                design.add_one_hot(*feature, counts, rare);
            }
            if design.columns() <= MAX_COLUMNS {
                return Ok(design);
            }
            if rare as usize > train.shape().0 {
                break;
            }
            rare *= 2;
        }
        Err(format!("it would have {} columns, and the limit is {MAX_COLUMNS}", design.columns))
    }

    /// Number of columns.
    pub(super) const fn columns(&self) -> usize {
        self.columns as usize
    }

    #[expect(clippy::cast_precision_loss, reason = "a number of rows")]
    fn add_scaled(&mut self, train: &Matrix, feature: u32) {
        let rows = train.shape().0;
        let values = || (0..rows).map(|row| f64::from(*train.get((row, feature as usize))));
        let mean = values().sum::<f64>() / rows as f64;
        let variance = values().map(|value| (value - mean).powi(2)).sum::<f64>() / rows as f64;
        self.columns += 1;
        self.scaled.push(Scaled { feature, mean, scale: if variance > 0.0 { variance.sqrt() } else { 1.0 } });
    }

    fn add_one_hot(&mut self, feature: u32, counts: &[u32], rare: u32) {
        let least = if counts.len() > FEW_LEVELS { rare } else { 1 };
        let (mut pool, mut next) = (None, self.columns);
        let mut column = || {
            next += 1;
            next - 1
        };
        let slots = counts.iter().map(|count| match count {
            0 => NONE,
            few if *few < least => *pool.get_or_insert_with(&mut column),
            _ => column(),
        });
        self.one_hot.push(OneHot { feature, slots: slots.collect() });
        self.columns = next;
    }

    /// Makes the columns of a row of features.
    pub(super) fn encode(&self, features: &[f32], row: &mut Row) {
        row.numbers.clear();
        row.numbers.extend(self.scaled.iter().map(|scaled| scaled.of(features)));
        row.ones.clear();
        row.ones.extend(self.one_hot.iter().filter_map(|one_hot| one_hot.of(features)));
    }

    /// The greatest weight of each feature, in thousandths. `weights` has one list or more of all columns.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "weights are finite, and the conversion saturates"
    )]
    pub(super) fn weigh(&self, features: usize, weights: &[f64]) -> Vec<usize> {
        let mut found = vec![0; features];
        let columns = self.columns().max(1);
        let of = |column: usize| {
            weights.iter().skip(column).step_by(columns).fold(0.0, |most: f64, weight| most.max(weight.abs() * 1e3))
        };
        for (column, scaled) in self.scaled.iter().enumerate() {
            found[scaled.feature as usize] = of(column) as usize;
        }
        for one_hot in &self.one_hot {
            let slots = one_hot.slots.iter().filter(|slot| **slot != NONE);
            found[one_hot.feature as usize] = slots.map(|slot| of(*slot as usize)).fold(0.0, f64::max) as usize;
        }
        found
    }

    /// Whether a stored design fits a number of features.
    pub(super) fn is_valid(&self, features: usize) -> bool {
        let is_scaled = |scaled: &Scaled| (scaled.feature as usize) < features && scaled.mean.is_finite() && scaled.scale > 0.0;
        let is_slot = |slot: &u32| *slot == NONE || *slot < self.columns;
        let is_one_hot = |one_hot: &OneHot| (one_hot.feature as usize) < features && one_hot.slots.iter().all(is_slot);
        self.scaled.len() <= self.columns()
            && self.columns() <= MAX_COLUMNS
            && self.scaled.iter().all(is_scaled)
            && self.one_hot.iter().all(is_one_hot)
    }
}

impl Scaled {
    fn of(&self, features: &[f32]) -> f64 {
        (f64::from(features[self.feature as usize]) - self.mean) / self.scale
    }
}

impl OneHot {
    /// The column of a code; none of a text that the training rows do not have.
    fn of(&self, features: &[f32]) -> Option<usize> {
        let feature = features[self.feature as usize];
        let slot = if feature < 0.0 { NONE } else { self.slots.as_slice().get(code(feature)).copied().unwrap_or(NONE) };
        (slot != NONE).then_some(slot as usize)
    }
}

/// The training rows of each code.
fn count(train: &Matrix, feature: u32, levels: usize) -> Vec<u32> {
    let mut counts = vec![0_u32; levels + 1];
    (0..train.shape().0).for_each(|row| counts[code(*train.get((row, feature as usize)))] += 1);
    counts
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "codes are small integers")]
fn code(feature: f32) -> usize {
    feature as usize
}
