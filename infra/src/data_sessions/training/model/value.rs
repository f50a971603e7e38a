//! The value of a cell that arrives as JSON.

use serde_json::Value as Json;

use super::super::cell::{ColumnFormat, Value};
use super::super::views::ColumnType;

/// A value that may hold a text of its own.
pub(super) enum Cell<'a> {
    Known(Value<'a>),
    Text(String),
}

impl Cell<'_> {
    pub(super) fn borrow(&self) -> Value<'_> {
        match self {
            Self::Known(value) => *value,
            Self::Text(text) => Value::Text(text),
        }
    }
}

/// Reads a value for a column, or says what it must be. A text is read as the cells of the table are.
pub(super) fn read<'a>(format: &ColumnFormat, json: &'a Json) -> Result<Cell<'a>, &'static str> {
    let expected = expected(format.kind);
    match (format.kind, json) {
        (_, Json::Null) => Ok(Cell::Known(Value::Missing)),
        (ColumnType::Integer | ColumnType::Number, Json::Number(number)) => {
            number.as_f64().filter(|number| number.is_finite()).map(|number| Cell::Known(Value::Number(number))).ok_or(expected)
        }
        (ColumnType::Boolean, Json::Bool(is_true)) => Ok(Cell::Known(Value::Boolean(*is_true))),
        (ColumnType::Text, Json::Number(_) | Json::Bool(_)) => Ok(Cell::Text(json.to_string())),
        (_, Json::String(text)) => from_text(format, text).ok_or(expected),
        _ => Err(expected),
    }
}

fn from_text<'a>(format: &ColumnFormat, text: &'a str) -> Option<Cell<'a>> {
    let own = |format: &ColumnFormat| Some(format.read(text)).filter(|value| *value != Value::Invalid).map(Cell::Known);
    // The notation of JSON and ISO 8601 is understood in each column, whatever that of the table was.
    own(format).or_else(|| own(&ColumnFormat::new(format.kind)))
}

const fn expected(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Integer | ColumnType::Number => "a number",
        ColumnType::Boolean => "true or false",
        ColumnType::Date => "a date, such as \"2024-01-31\"",
        ColumnType::Datetime => "a date with time, such as \"2024-01-31T12:00:00Z\"",
        ColumnType::Text | ColumnType::Empty => "a text",
    }
}
