//! A column of features.

use chrono::{DateTime, Datelike, Timelike};
use serde::{Deserialize, Serialize};

use super::super::cell::Value;
use super::super::views::ColumnType;
use super::Categories;

/// Greatest number of different texts in a column that is used.
const MAX_CATEGORIES: usize = 10_000;

/// Seconds of a day.
const DAY: i64 = 86_400;

/// 2000-01-01T00:00:00Z. Days from here are exact enough as `f32`.
const ORIGIN: i64 = 946_684_800;

/// A number that a cell yields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) enum Part {
    /// The number itself; 0 or 1 of a boolean.
    Whole,
    /// Days since 2000 of a date.
    Days,
    /// Year of a date.
    Year,
    /// Month of a date, from 1.
    Month,
    /// Day of the week, from 1 for Monday.
    Weekday,
    /// Hour of a time, with minutes as its fraction.
    Hour,
}

/// The parts of a date.
pub(in super::super) const DATE_PARTS: [Part; 5] = [Part::Days, Part::Year, Part::Month, Part::Weekday, Part::Hour];

/// The values of a column. A missing value is NaN.
#[derive(Debug)]
pub(in super::super) enum Column {
    /// Numbers, and booleans as 0 and 1.
    Numbers(Vec<f32>),
    /// The parts of dates.
    Dates(Box<[Vec<f32>; DATE_PARTS.len()]>),
    /// Texts, as positions in the dictionary.
    Texts(Categories, Vec<f32>),
    /// Not a feature: the reason, or none for the target.
    Ignored(Option<String>),
}

impl Column {
    pub(super) fn new(kind: ColumnType, is_target: bool, rows: usize) -> Self {
        let room = || Vec::with_capacity(rows);
        match kind {
            _ if is_target => Self::Ignored(None),
            ColumnType::Integer | ColumnType::Number | ColumnType::Boolean => Self::Numbers(room()),
            ColumnType::Date | ColumnType::Datetime => Self::Dates(Box::new([room(), room(), room(), room(), room()])),
            ColumnType::Text => Self::Texts(Categories::default(), room()),
            ColumnType::Empty => Self::Ignored(Some("it has no values".to_owned())),
        }
    }

    /// Appends a value, and returns the bytes that its dictionary grew by. A column that would exceed `bytes` is ignored from then on.
    pub(super) fn push(&mut self, value: Value<'_>, bytes: usize) -> usize {
        match self {
            Self::Numbers(values) => values.push(number(value)),
            Self::Dates(parts) => {
                for (values, part) in parts.iter_mut().zip(date(value)) {
                    values.push(part);
                }
            }
            Self::Texts(categories, codes) => {
                return self::text(value, categories, codes, bytes).unwrap_or_else(|| self.overflow());
            }
            Self::Ignored(_) => {}
        }
        0
    }

    fn overflow(&mut self) -> usize {
        *self = Self::Ignored(Some(format!(
            "it has too many different texts (the limit is {MAX_CATEGORIES} and 8 MiB in all columns)"
        )));
        0
    }
}

fn text(value: Value<'_>, categories: &mut Categories, codes: &mut Vec<f32>, bytes: usize) -> Option<usize> {
    let Value::Text(text) = value else {
        codes.push(f32::NAN);
        return Some(0);
    };
    let (position, grown) = categories.position(text, MAX_CATEGORIES, bytes)?;
    codes.push(as_f32(f64::from(position)));
    Some(grown)
}

/// The number of a value; NaN if it is missing.
#[expect(clippy::cast_precision_loss, reason = "integers of a table are within 2^53")]
fn number(value: Value<'_>) -> f32 {
    match value {
        Value::Integer(number) => as_f32(number as f64),
        Value::Number(number) => as_f32(number),
        Value::Boolean(is_true) => f32::from(u8::from(is_true)),
        _ => f32::NAN,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "features are kept in single precision, within its finite range")]
fn as_f32(number: f64) -> f32 {
    number.clamp(f64::from(f32::MIN), f64::from(f32::MAX)) as f32
}

fn date(value: Value<'_>) -> [f32; DATE_PARTS.len()] {
    if let Value::Date(seconds) = value { date_parts(seconds) } else { [f32::NAN; DATE_PARTS.len()] }
}

/// The parts of a date, from seconds since 1970; NaN if chrono cannot represent it.
#[expect(clippy::cast_precision_loss, reason = "dates are within some thousand years")]
pub(in super::super) fn date_parts(seconds: i64) -> [f32; DATE_PARTS.len()] {
    let Some(time) = DateTime::from_timestamp(seconds, 0) else { return [f32::NAN; DATE_PARTS.len()] };
    let days = as_f32((seconds - ORIGIN) as f64 / DAY as f64);
    let hour = as_f32(f64::from(time.hour()) + f64::from(time.minute()) / 60.0);
    [days, time.year() as f32, as_f32(f64::from(time.month())), as_f32(f64::from(time.weekday().number_from_monday())), hour]
}
