//! Predictions for rows that arrive as JSON objects.

use serde_json::{Map, Value as Json};

use super::super::encoding::{EncodedColumn, Replaced};
use super::super::error::cut;
use super::super::probabilities::most_probable;
use super::super::views::{ClassProbability, Prediction};
use super::{Model, value};

/// Greatest number of rows in a request.
const MAX_ROWS: usize = 10_000;

/// Probabilities that are shown.
const SHOWN: usize = 10;

/// A row that a model cannot predict. Rows count from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PredictError {
    /// There are too many rows.
    #[error("There are {rows} rows, and a request has at most {MAX_ROWS}. Send them in several requests.")]
    TooManyRows {
        /// Rows of the request.
        rows: usize,
    },
    /// A column of the model is not in the row.
    #[error("Row {row} has no column `{column}`, which the model uses. Add it, with null if its value is missing.")]
    MissingColumn {
        /// The row.
        row: usize,
        /// The column.
        column: String,
    },
    /// The table did not have that column.
    #[error("Row {row} has a column `{column}`, which the table of the model did not have. Remove it, or correct its name.")]
    UnknownColumn {
        /// The row.
        row: usize,
        /// The column, cut to 40 characters.
        column: String,
    },
    /// A value has another type than the column.
    #[error("Row {row} has `{value}` in column `{column}`, and it must be {expected}.")]
    WrongType {
        /// The row.
        row: usize,
        /// The column.
        column: String,
        /// The value, cut to 40 characters.
        value: String,
        /// What it must be.
        expected: &'static str,
    },
}

impl Model {
    /// Predicts rows: objects with the values of the columns by name. Columns of the table that the model does not use may be absent.
    pub(crate) fn predict(&self, rows: &[Map<String, Json>]) -> Result<Vec<Prediction>, PredictError> {
        if rows.len() > MAX_ROWS {
            return Err(PredictError::TooManyRows { rows: rows.len() });
        }
        let mut features = Vec::new();
        (1..).zip(rows).map(|(number, row)| self.predict_row(number, row, &mut features)).collect()
    }

    fn predict_row(&self, number: usize, row: &Map<String, Json>, features: &mut Vec<f32>) -> Result<Prediction, PredictError> {
        self.refuse_unknown(number, row)?;
        features.clear();
        let mut notes = Vec::new();
        for column in &self.encoder.columns {
            let name = || column.name.clone();
            let json = row.get(&column.name).ok_or_else(|| PredictError::MissingColumn { row: number, column: name() })?;
            let value = value::read(&column.format, json).map_err(|expected| {
                let text = json.as_str().map_or_else(|| json.to_string(), str::to_owned);
                PredictError::WrongType { row: number, column: name(), value: cut(&text), expected }
            })?;
            notes.extend(note(column, column.encode(value.borrow(), features), json));
        }
        let mut output = vec![0.0; self.predictor.outputs()];
        self.predictor.predict(features, &mut output);
        Ok(self.prediction(&output, notes))
    }

    fn refuse_unknown(&self, number: usize, row: &Map<String, Json>) -> Result<(), PredictError> {
        let is_known =
            |name: &String| self.encoder.columns.iter().any(|column| column.name == *name) || self.ignored.contains(name);
        let unknown = row.keys().find(|name| !is_known(name));
        unknown.map_or(Ok(()), |name| Err(PredictError::UnknownColumn { row: number, column: cut(name) }))
    }

    fn prediction(&self, output: &[f64], notes: Vec<String>) -> Prediction {
        if self.classes.is_empty() {
            return Prediction { value: output[0].into(), probabilities: None, notes };
        }
        let mut shares: Vec<(&String, f64)> = self.classes.iter().zip(output.iter().copied()).collect();
        shares.sort_by(|a, b| b.1.total_cmp(&a.1));
        let shown =
            shares.into_iter().take(SHOWN).map(|(class, probability)| ClassProbability { class: class.clone(), probability });
        let class = self.classes[most_probable(output)].clone();
        Prediction { value: class.into(), probabilities: Some(shown.collect()), notes }
    }
}

fn note(column: &EncodedColumn, replaced: Replaced, json: &Json) -> Option<String> {
    let name = &column.name;
    match replaced {
        Replaced::Nothing => None,
        Replaced::Missing => Some(format!("`{name}` is missing and was replaced by what is usual in the training rows.")),
        Replaced::Unseen => {
            let text = json.as_str().map_or_else(|| json.to_string(), str::to_owned);
            Some(format!("`{name}` is `{}`, which the table of the model did not have.", cut(&text)))
        }
    }
}
