//! From the cells of a row to the numbers that models use.
//!
//! A number that is missing becomes the median of the training rows. A text becomes its code: 0 if it is missing, 1 and more for the
//! sorted texts of the column, -1 if the column has no such text. A date becomes up to five numbers.

mod fit;

use serde::{Deserialize, Serialize};
use smartcore::linalg::basic::arrays::Array;

use super::cell::{ColumnFormat, Value};
use super::dataset::{DATE_PARTS, Part, date_parts};

pub(super) use fit::{Fitted, fit};

/// Code of a text that is missing.
const MISSING: f32 = 0.0;

/// Code of a text that the column did not have.
pub(super) const UNSEEN: f32 = -1.0;

/// Rows of features, column by column.
pub(super) type Matrix = smartcore::linalg::basic::matrix::DenseMatrix<f32>;

/// A feature: one column of the matrix.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Feature {
    /// A number.
    Number {
        /// Which number of the cell.
        part: Part,
        /// What replaces a missing value.
        replacement: f32,
    },
    /// The code of a text.
    Category {
        /// The sorted texts. The code of the first is 1.
        levels: Vec<String>,
        /// The code that replaces a missing value.
        replacement: f32,
    },
}

/// A column of the table, and its features.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct EncodedColumn {
    /// Its name.
    pub(super) name: String,
    /// How its cells are read.
    pub(super) format: ColumnFormat,
    /// Its features, at least one.
    pub(super) features: Vec<Feature>,
}

/// The columns that a model uses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Encoder {
    /// In the order of the table.
    pub(super) columns: Vec<EncodedColumn>,
}

/// What was replaced in a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Replaced {
    /// Nothing.
    Nothing,
    /// A missing value.
    Missing,
    /// A text that the column did not have.
    Unseen,
}

impl Encoder {
    /// All features, in the order of the matrix.
    pub(super) fn features(&self) -> impl Iterator<Item = &Feature> {
        self.columns.iter().flat_map(|column| &column.features)
    }

    /// Position of the first feature of each column, and the number of features as the last.
    pub(super) fn offsets(&self) -> Vec<usize> {
        let mut offsets = vec![0];
        for column in &self.columns {
            offsets.push(offsets.last().copied().unwrap_or(0) + column.features.len());
        }
        offsets
    }
}

impl EncodedColumn {
    /// Appends the features of a value.
    pub(super) fn encode(&self, value: Value<'_>, row: &mut Vec<f32>) -> Replaced {
        let mut replaced = Replaced::Nothing;
        for feature in &self.features {
            let (number, note) = feature.encode(value);
            row.push(number);
            if replaced == Replaced::Nothing {
                replaced = note;
            }
        }
        replaced
    }
}

impl Feature {
    fn encode(&self, value: Value<'_>) -> (f32, Replaced) {
        match self {
            Self::Number { part, replacement } => {
                let number = number(*part, value);
                if number.is_nan() { (*replacement, Replaced::Missing) } else { (number, Replaced::Nothing) }
            }
            Self::Category { levels, replacement } => match value {
                Value::Text(text) => match levels.binary_search_by(|level| level.as_str().cmp(text)) {
                    Ok(place) => (code(place), Replaced::Nothing),
                    Err(_) => (UNSEEN, Replaced::Unseen),
                },
                _ => (*replacement, Replaced::Missing),
            },
        }
    }
}

/// Copies a row of a matrix.
pub(super) fn copy_row(matrix: &Matrix, row: usize, features: &mut Vec<f32>) {
    features.clear();
    features.extend((0..matrix.shape().1).map(|column| *matrix.get((row, column))));
}

/// The code of a text, from its place among the sorted texts.
#[expect(clippy::cast_precision_loss, reason = "a column has at most 10,000 texts")]
const fn code(place: usize) -> f32 {
    (place + 1) as f32
}

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "features are kept in single precision")]
fn number(part: Part, value: Value<'_>) -> f32 {
    match value {
        Value::Integer(number) => number as f32,
        Value::Number(number) => number.clamp(f64::from(f32::MIN), f64::from(f32::MAX)) as f32,
        Value::Boolean(is_true) => f32::from(u8::from(is_true)),
        Value::Date(seconds) => DATE_PARTS.iter().position(|other| *other == part).map_or(f32::NAN, |at| date_parts(seconds)[at]),
        _ => f32::NAN,
    }
}
