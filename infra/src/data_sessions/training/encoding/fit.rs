//! Decides on the features of a table, and makes the matrices of its rows.

use super::super::dataset::{Categories, Column, DATE_PARTS, Part, Split};
use super::super::error::TrainError;
use super::super::task::Task;
use super::super::views::TrainingNote;
use super::{EncodedColumn, Encoder, Feature, MISSING, Matrix, code};

/// A column with more texts than this, and more than half as many as values, is taken for names or remarks.
const FEW_TEXTS: usize = 20;

/// The features of a table.
pub(in super::super) struct Fitted {
    /// How rows are encoded.
    pub(in super::super) encoder: Encoder,
    /// The training rows.
    pub(in super::super) train: Matrix,
    /// The held-out rows.
    pub(in super::super) test: Matrix,
    /// The columns that are not used, and why.
    pub(in super::super) notes: Vec<TrainingNote>,
}

/// Values of the features, column by column.
struct Values<'a> {
    split: &'a Split,
    train: Vec<f32>,
    test: Vec<f32>,
}

/// Encodes columns. Each is dropped as soon as it is encoded, so that the table is not held twice.
pub(in super::super) fn fit(task: &Task, columns: Vec<Column>, split: &Split) -> Result<Fitted, TrainError> {
    let mut values = Values { split, train: Vec::new(), test: Vec::new() };
    let used = columns.iter().filter(|column| !matches!(column, Column::Ignored(_))).count();
    values.train.reserve(used * split.train.len());
    values.test.reserve(used * split.test.len());
    let (mut used_columns, mut notes) = (Vec::new(), Vec::new());
    for (column, place) in columns.into_iter().zip(&task.columns) {
        match values.encode(column) {
            Ok(features) => used_columns.push(EncodedColumn { name: place.name.clone(), format: place.format.clone(), features }),
            Err(Some(reason)) => {
                notes.push(TrainingNote { column: Some(place.name.clone()), detail: format!("Not used: {reason}.") });
            }
            Err(None) => {}
        }
    }
    let encoder = Encoder { columns: used_columns };
    let features = encoder.features().count();
    if features == 0 {
        return Err(no_features(task, &notes));
    }
    let train = matrix(split.train.len(), features, values.train)?;
    let test = matrix(split.test.len(), features, values.test)?;
    Ok(Fitted { encoder, train, test, notes })
}

fn matrix(rows: usize, columns: usize, values: Vec<f32>) -> Result<Matrix, TrainError> {
    Matrix::new(rows, columns, values, true).map_err(|error| TrainError::Internal(error.to_string()))
}

fn no_features(task: &Task, notes: &[TrainingNote]) -> TrainError {
    let reason =
        |note: &TrainingNote| format!("`{}` – {}", note.column.as_deref().unwrap_or_default(), note.detail.trim_end_matches('.'));
    let reasons: Vec<String> = notes.iter().take(3).map(reason).collect();
    let reasons = if reasons.is_empty() { "there are none".to_owned() } else { reasons.join("; ") };
    TrainError::NoFeatures { target: task.target.clone(), columns: task.columns.len() - 1, reasons }
}

impl Values<'_> {
    /// The features of a column, or why it is not used; no reason for the target.
    fn encode(&mut self, column: Column) -> Result<Vec<Feature>, Option<String>> {
        let features: Vec<Feature> = match column {
            Column::Ignored(reason) => return Err(reason),
            Column::Numbers(numbers) => self.number(Part::Whole, numbers).into_iter().collect(),
            Column::Dates(parts) => {
                DATE_PARTS.into_iter().zip(*parts).filter_map(|(part, numbers)| self.number(part, numbers)).collect()
            }
            Column::Texts(categories, codes) => self.category(&categories, codes)?.into_iter().collect(),
        };
        if features.is_empty() { Err(Some("it is constant in the training rows".to_owned())) } else { Ok(features) }
    }

    /// A feature of numbers; none if it is constant.
    fn number(&mut self, part: Part, numbers: Vec<f32>) -> Option<Feature> {
        let replacement =
            median(self.split.train.iter().map(|row| numbers[*row as usize]).filter(|number| !number.is_nan()).collect())?;
        let start = self.train.len();
        let filled = |row: &u32| Some(numbers[*row as usize]).filter(|number| !number.is_nan()).unwrap_or(replacement);
        self.train.extend(self.split.train.iter().map(filled));
        if is_constant(&self.train[start..]) {
            self.train.truncate(start);
            return None;
        }
        self.test.extend(self.split.test.iter().map(filled));
        Some(Feature::Number { part, replacement })
    }

    /// A feature of codes; none if it is constant.
    fn category(&mut self, categories: &Categories, codes: Vec<f32>) -> Result<Option<Feature>, Option<String>> {
        let (levels, places) = categories.sorted();
        let codes: Vec<f32> = codes.into_iter().map(|position| place_of(position, &places)).collect();
        let present = codes.iter().filter(|code| **code > MISSING).count();
        if levels.len() > FEW_TEXTS && levels.len() * 2 > present {
            return Err(Some(format!("its {} texts are nearly unique ({present} values)", levels.len())));
        }
        let start = self.train.len();
        self.train.extend(self.split.train.iter().map(|row| codes[*row as usize]));
        if is_constant(&self.train[start..]) {
            self.train.truncate(start);
            return Ok(None);
        }
        let replacement = replacement(&self.train[start..], levels.len());
        self.test.extend(self.split.test.iter().map(|row| codes[*row as usize]));
        Ok(Some(Feature::Category { levels, replacement }))
    }
}

/// The code of a text from its position in the dictionary; that of a missing value if it is NaN.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positions are small integers")]
fn place_of(position: f32, places: &[u32]) -> f32 {
    if position.is_nan() { MISSING } else { code(places[position as usize] as usize) }
}

/// What replaces a missing text: that of missing values, if the training rows have any, or else the most frequent.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "codes are small integers")]
fn replacement(codes: &[f32], levels: usize) -> f32 {
    let mut counts = vec![0_usize; levels + 1];
    for code in codes {
        counts[*code as usize] += 1;
    }
    if counts[0] > 0 {
        return MISSING;
    }
    let most = (0..levels).max_by_key(|place| (counts[place + 1], levels - place));
    most.map_or(MISSING, code)
}

fn is_constant(values: &[f32]) -> bool {
    values.windows(2).all(|pair| pair[0].total_cmp(&pair[1]).is_eq())
}

/// The median; `None` of no numbers.
fn median(mut numbers: Vec<f32>) -> Option<f32> {
    let middle = numbers.len() / 2;
    let is_odd = numbers.len() % 2 == 1;
    if numbers.is_empty() {
        return None;
    }
    let (below, upper, _) = numbers.select_nth_unstable_by(middle, f32::total_cmp);
    let upper = *upper;
    let lower = below.iter().copied().max_by(f32::total_cmp);
    Some(if is_odd { upper } else { lower.map_or(upper, |lower| f32::midpoint(lower, upper)) })
}
