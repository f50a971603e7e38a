//! The values of the target, and the task that they allow.

use super::super::cell::Value;
use super::super::error::{TrainError, cut};
use super::super::task::{Task, TaskColumn};
use super::super::views::ColumnType;
use super::super::views::TrainingTask;
use super::Categories;

/// Greatest number of classes.
const MAX_CLASSES: usize = 200;

/// Characters of the text of a class.
const MAX_CLASS_LENGTH: usize = 200;

/// Greatest size of a number.
const MAX_TARGET: f64 = 1e100;

/// Greatest number of different integers that are taken for classes without being asked to.
const FEW_INTEGERS: usize = 20;

/// Least number of rows with a target.
const MIN_ROWS: u64 = 10;

/// The target as it is read.
pub(in super::super) enum TargetColumn {
    /// Numbers, and whether all are integers.
    Numbers(Vec<f64>, bool),
    /// Texts, as positions in the dictionary.
    Texts(Categories, Vec<u16>),
}

/// The target as it is learnt.
#[derive(Debug)]
pub(in super::super) enum Target {
    /// Numbers.
    Numbers(Vec<f64>),
    /// Classes in order, and the class of each row.
    Classes(Vec<String>, Vec<u16>),
}

impl TargetColumn {
    pub(super) fn new(column: &TaskColumn, rows: usize) -> Result<Self, TrainError> {
        match column.format.kind {
            ColumnType::Integer => Ok(Self::Numbers(Vec::with_capacity(rows), true)),
            ColumnType::Number => Ok(Self::Numbers(Vec::with_capacity(rows), false)),
            ColumnType::Date | ColumnType::Datetime => Err(TrainError::DateTarget { column: column.name.clone() }),
            ColumnType::Text | ColumnType::Boolean | ColumnType::Empty => {
                Ok(Self::Texts(Categories::default(), Vec::with_capacity(rows)))
            }
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "integers of a table are within 2^53")]
    pub(super) fn push(&mut self, column: &str, value: Value<'_>) -> Result<(), TrainError> {
        match (self, value) {
            (Self::Numbers(values, _), Value::Integer(number)) => values.push(number as f64),
            (Self::Numbers(values, _), Value::Number(number)) => values.push(number),
            (Self::Texts(classes, codes), Value::Text(text)) => push_class(column, classes, codes, text)?,
            (Self::Texts(classes, codes), Value::Boolean(is_true)) => {
                push_class(column, classes, codes, if is_true { "true" } else { "false" })?;
            }
            (_, value) => return Err(TrainError::Internal(format!("the target is read as {value:?}"))),
        }
        Ok(())
    }

    /// The target as it is learnt, and why it is this task. `numbers` are the rows' numbers.
    pub(in super::super) fn decide(self, task: &Task, numbers: &[u32], total: u64) -> Result<(Target, String), TrainError> {
        let (column, rows) = (task.target.clone(), numbers.len() as u64);
        if rows == 0 {
            return Err(TrainError::EmptyTarget { column, rows: total });
        }
        self.refuse_constant(&column, rows)?;
        if rows < MIN_ROWS {
            return Err(TrainError::TooFewRows { column, rows, limit: MIN_ROWS });
        }
        match self {
            Self::Texts(..) if task.kind == Some(TrainingTask::Regression) => {
                Err(TrainError::NotNumeric { column, kind: "texts or booleans" })
            }
            Self::Texts(classes, codes) => {
                let evidence = format!("`{column}` holds {} different texts or booleans", classes.names.len());
                let (names, places) = classes.sorted();
                let codes = codes.into_iter().map(|code| u16::try_from(places[usize::from(code)]).unwrap_or(0)).collect();
                Ok((check_classes(&column, names, codes, numbers)?, evidence))
            }
            Self::Numbers(values, is_integer) => decide_numbers(values, is_integer, task, numbers),
        }
    }

    fn refuse_constant(&self, column: &str, rows: u64) -> Result<(), TrainError> {
        let value = match self {
            Self::Texts(classes, _) => (classes.names.len() == 1).then(|| classes.names[0].to_string()),
            Self::Numbers(values, _) => values.windows(2).all(|pair| same(pair[0], pair[1])).then(|| values[0].to_string()),
        };
        value.map_or(Ok(()), |value| Err(TrainError::ConstantTarget { column: column.to_owned(), value: cut(&value), rows }))
    }
}

fn push_class(column: &str, classes: &mut Categories, codes: &mut Vec<u16>, text: &str) -> Result<(), TrainError> {
    if let Some(code) = classes.position(text, MAX_CLASSES, usize::MAX).and_then(|(position, _)| u16::try_from(position).ok()) {
        codes.push(code);
        return Ok(());
    }
    Err(TrainError::TooManyClasses { column: column.to_owned(), limit: MAX_CLASSES })
}

fn decide_numbers(values: Vec<f64>, is_integer: bool, task: &Task, numbers: &[u32]) -> Result<(Target, String), TrainError> {
    let column = &task.target;
    refuse_huge(column, &values, numbers)?;
    let distinct = distinct(&values, MAX_CLASSES);
    match task.kind {
        Some(TrainingTask::Regression) => return Ok((Target::Numbers(values), "it was asked for".to_owned())),
        Some(TrainingTask::Classification) => {
            let levels = distinct.ok_or_else(|| TrainError::TooManyClasses { column: column.clone(), limit: MAX_CLASSES })?;
            return Ok((number_classes(column, &values, &levels, numbers)?, "it was asked for".to_owned()));
        }
        None => {}
    }
    if is_integer && let Some(levels) = &distinct {
        let is_few = levels.len() <= FEW_INTEGERS && values.len() >= 10 * levels.len();
        if is_few && let Ok(target) = number_classes(column, &values, levels, numbers) {
            return Ok((
                target,
                format!("`{column}` holds {} different integers, which repeat. Ask for `regression` otherwise", levels.len()),
            ));
        }
    }
    let count = distinct.map_or_else(|| format!("more than {MAX_CLASSES}"), |levels| levels.len().to_string());
    Ok((Target::Numbers(values), format!("`{column}` holds {count} different numbers")))
}

/// Refuses numbers whose squares would be infinite.
fn refuse_huge(column: &str, values: &[f64], numbers: &[u32]) -> Result<(), TrainError> {
    let Some(index) = values.iter().position(|value| value.abs() > MAX_TARGET) else { return Ok(()) };
    let (value, row) = (format!("{:e}", values[index]), u64::from(numbers[index]));
    Err(TrainError::HugeTarget { column: column.to_owned(), row, value, limit: MAX_TARGET })
}

/// Refuses long texts of classes: results and predictions repeat them.
fn refuse_long(column: &str, names: &[String], codes: &[u16], numbers: &[u32]) -> Result<(), TrainError> {
    let length = |code: &u16| names[usize::from(*code)].chars().count();
    let Some(index) = codes.iter().position(|code| length(code) > MAX_CLASS_LENGTH) else { return Ok(()) };
    let (value, row) = (cut(&names[usize::from(codes[index])]), u64::from(numbers[index]));
    Err(TrainError::LongClass { column: column.to_owned(), row, value, length: length(&codes[index]), limit: MAX_CLASS_LENGTH })
}

/// The sorted different values, if there are not more than `limit`.
fn distinct(values: &[f64], limit: usize) -> Option<Vec<f64>> {
    let mut levels: Vec<f64> = Vec::new();
    for value in values {
        if let Err(place) = levels.binary_search_by(|level| level.total_cmp(value)) {
            if levels.len() == limit {
                return None;
            }
            levels.insert(place, *value);
        }
    }
    Some(levels)
}

fn number_classes(column: &str, values: &[f64], levels: &[f64], numbers: &[u32]) -> Result<Target, TrainError> {
    let class = |value: &f64| levels.binary_search_by(|level| level.total_cmp(value)).unwrap_or(0);
    let codes = values.iter().map(|value| u16::try_from(class(value)).unwrap_or(0)).collect();
    check_classes(column, levels.iter().map(f64::to_string).collect(), codes, numbers)
}

fn check_classes(column: &str, names: Vec<String>, codes: Vec<u16>, numbers: &[u32]) -> Result<Target, TrainError> {
    let rows = codes.len() as u64;
    if names.len() > 10 && names.len() * 2 > codes.len() {
        return Err(TrainError::UniqueTarget { column: column.to_owned(), value: cut(&names[0]), classes: names.len(), rows });
    }
    let mut counts = vec![0_u32; names.len()];
    for code in &codes {
        counts[usize::from(*code)] += 1;
    }
    refuse_long(column, &names, &codes, numbers)?;
    let single = codes.iter().position(|code| counts[usize::from(*code)] == 1);
    if let Some(index) = single {
        let value = cut(&names[usize::from(codes[index])]);
        return Err(TrainError::SingleRowClass { column: column.to_owned(), value, row: u64::from(numbers[index]) });
    }
    Ok(Target::Classes(names, codes))
}

fn same(a: f64, b: f64) -> bool {
    a.total_cmp(&b).is_eq()
}

impl Target {
    /// The classes; none if the target is numbers.
    pub(in super::super) fn into_classes(self) -> Vec<String> {
        match self {
            Self::Numbers(_) => Vec::new(),
            Self::Classes(names, _) => names,
        }
    }
}
