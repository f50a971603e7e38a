//! Reads the text of a cell by the format of its column.
//!
//! The format was decided by all values of the column. It can be stored, and applied to rows that arrive later.

use serde::{Deserialize, Serialize};

use super::missing::{is_missing, is_placeholder, trim};
use super::numbers::{self, Quantity};
use super::views::ColumnType;
use super::{booleans, dates};

/// Character before the fraction of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DecimalMark {
    /// `1.5`
    #[default]
    Point,
    /// `1,5`
    Comma,
}

/// Order of the parts of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DateOrder {
    /// `2024-01-31`
    #[default]
    YearMonthDay,
    /// `31/01/2024`
    DayMonthYear,
    /// `01/31/2024`
    MonthDayYear,
}

/// How the dates of a column are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct DateFormat {
    /// Order of day, month and year.
    pub(crate) order: DateOrder,
    /// Whether times carry an offset from UTC. Without one they are taken for UTC.
    pub(crate) zoned: bool,
}

/// A pair of words for true and false. Upper and lower case are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BooleanWords {
    /// `true`, `false`
    #[default]
    TrueFalse,
    /// `yes`, `no`
    YesNo,
    /// `y`, `n`
    YN,
    /// `t`, `f`
    TF,
    /// `ja`, `nein`
    JaNein,
    /// `wahr`, `falsch`
    WahrFalsch,
    /// `oui`, `non`
    OuiNon,
    /// `vrai`, `faux`
    VraiFaux,
    /// `sí` or `si`, `no`
    SiNo,
    /// `verdadero`, `falso`
    VerdaderoFalso,
    /// `vero`, `falso`
    VeroFalso,
    /// `sim`, `não` or `nao`
    SimNao,
    /// `ja`, `nee`
    JaNee,
    /// `ja`, `nej`
    JaNej,
    /// `tak`, `nie`
    TakNie,
    /// `j`, `n`
    JN,
}

/// How the cells of a column are read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ColumnFormat {
    /// Type of the values.
    #[serde(rename = "type")]
    pub(crate) kind: ColumnType,
    /// Character before the fraction. Used by numbers.
    pub(crate) decimal: DecimalMark,
    /// Whether each number carries a percent sign. `12%` is read as 12.
    pub(crate) percent: bool,
    /// How dates are written. Used by dates.
    pub(crate) date: DateFormat,
    /// Words for true and false. Used by booleans.
    pub(crate) booleans: BooleanWords,
}

/// The value of a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Value<'a> {
    /// No value, a word such as `NA`, or an infinity.
    Missing,
    /// A whole number within ±2⁵³.
    Integer(i64),
    /// A finite number.
    Number(f64),
    /// True or false.
    Boolean(bool),
    /// Seconds since 1970-01-01T00:00:00Z, of a date or of a date with time.
    Date(i64),
    /// The text, without white space around it.
    Text(&'a str),
    /// The text does not fit the column's format.
    Invalid,
}

impl ColumnFormat {
    /// The plainest format of a type: decimal points, ISO dates, `true` and `false`.
    #[must_use]
    pub(crate) fn new(kind: ColumnType) -> Self {
        Self {
            kind,
            decimal: DecimalMark::default(),
            percent: false,
            date: DateFormat::default(),
            booleans: BooleanWords::default(),
        }
    }

    /// The value of a cell. A text that does not fit is [`Value::Invalid`], never guessed.
    #[must_use]
    pub(crate) fn read<'a>(&self, text: &'a str) -> Value<'a> {
        match self.cell(trim(text)) {
            Cell::Infinite => Value::Missing,
            Cell::Value(value) => value,
        }
    }

    /// The value of a cell as JSON: numbers, booleans, ISO 8601 dates, texts, or null for a missing value.
    /// A text that does not fit remains a text.
    #[must_use]
    pub(crate) fn json(&self, text: &str) -> serde_json::Value {
        match self.read(text) {
            Value::Missing => serde_json::Value::Null,
            Value::Integer(value) => value.into(),
            Value::Number(value) => value.into(),
            Value::Boolean(value) => value.into(),
            Value::Date(seconds) => self.iso(seconds).into(),
            Value::Text(value) => value.into(),
            Value::Invalid => text.into(),
        }
    }

    /// A date of the column as ISO 8601.
    pub(super) fn iso(&self, seconds: i64) -> String {
        dates::iso(seconds, self.kind == ColumnType::Datetime, self.date.zoned)
    }

    /// The content of a trimmed cell.
    pub(super) fn cell<'a>(&self, text: &'a str) -> Cell<'a> {
        if is_missing(text) {
            return Cell::Value(Value::Missing);
        }
        let cell = match self.kind {
            ColumnType::Integer | ColumnType::Number => self.number(text),
            ColumnType::Boolean => booleans::read(self.booleans, text).map(|value| Cell::Value(Value::Boolean(value))),
            ColumnType::Date | ColumnType::Datetime => {
                dates::read(self.date, self.kind == ColumnType::Datetime, text).map(|value| Cell::Value(Value::Date(value)))
            }
            ColumnType::Text => Some(Cell::Value(Value::Text(text))),
            ColumnType::Empty => None,
        };
        let unread = || if is_placeholder(text) { Value::Missing } else { Value::Invalid };
        cell.unwrap_or_else(|| Cell::Value(unread()))
    }

    #[expect(clippy::cast_precision_loss, reason = "whole numbers are within ±2⁵³")]
    fn number(&self, text: &str) -> Option<Cell<'static>> {
        let number = numbers::parse(text, self.decimal).ok().filter(|number| self.percent || !number.percent)?;
        let whole = self.kind == ColumnType::Integer;
        match number.quantity {
            Quantity::Infinite => Some(Cell::Infinite),
            Quantity::Whole(value) if whole => Some(Cell::Value(Value::Integer(value))),
            Quantity::Whole(value) => Some(Cell::Value(Value::Number(value as f64))),
            Quantity::Real(value) => (!whole).then_some(Cell::Value(Value::Number(value))),
        }
    }
}

/// The content of a cell, infinities apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Cell<'a> {
    /// An infinity, in a column of numbers.
    Infinite,
    /// Anything else.
    Value(Value<'a>),
}
