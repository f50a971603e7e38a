//! Says why a column has its type.

use super::super::booleans;
use super::super::cell::{ColumnFormat, DecimalMark};
use super::super::dates;
use super::super::numbers::NumberRefusal;
use super::super::views::ColumnType;
use super::{ColumnTyping, Decisive, Example, Reason};

impl ColumnTyping {
    pub(super) fn evidence(&self, format: &ColumnFormat) -> String {
        match format.kind {
            ColumnType::Empty => "no cell holds a value".to_owned(),
            ColumnType::Integer => format!("all {} values are whole numbers{}", self.filled, number_notes(format)),
            ColumnType::Number => self.number_evidence(format),
            ColumnType::Boolean => format!("all {} values are {}", self.filled, booleans::describe(format.booleans)),
            ColumnType::Date | ColumnType::Datetime => self.date_evidence(format),
            ColumnType::Text => self.text_evidence(),
        }
    }

    fn number_evidence(&self, format: &ColumnFormat) -> String {
        let notes = number_notes(format);
        let decisive = self.decisive.as_deref().map_or_else(String::new, |decisive| {
            format!("; row {} holds `{}`, which is not written as a whole number", decisive.example.row, decisive.example.value)
        });
        format!("all {} values are numbers{notes}{decisive}", self.filled)
    }

    fn date_evidence(&self, format: &ColumnFormat) -> String {
        let order = dates::describe(format.date.order);
        let decided = self.order_example.as_deref();
        let by = decided.map_or_else(String::new, |example| format!(", decided by `{}` in row {}", example.value, example.row));
        let zone = match (format.kind, format.date.zoned) {
            (ColumnType::Datetime, true) => "; times are converted to UTC",
            (ColumnType::Datetime, false) => "; times have no offset",
            _ => "",
        };
        format!("all {} values are dates in the order {order}{by}{zone}", self.filled)
    }

    fn text_evidence(&self) -> String {
        if self.filled > 0 && (self.point.fits || self.comma.fits) {
            return "with the given decimal mark not all values are numbers".to_owned();
        }
        match self.decisive.as_deref() {
            Some(decisive) => decisive.describe(),
            None => "all values are placeholders such as `-` or `?`".to_owned(),
        }
    }

    /// What else the values could mean.
    pub(super) fn doubt(&self, format: &ColumnFormat) -> Option<String> {
        match format.kind {
            ColumnType::Integer | ColumnType::Number => self.ambiguous_number().map(|example| number_doubt(example, format)),
            ColumnType::Date | ColumnType::Datetime if self.orders.is_ambiguous() => Some(format!(
                "all dates fit both day, month, year and month, day, year; they are read as {}",
                dates::describe(format.date.order)
            )),
            _ => None,
        }
    }
}

fn number_notes(format: &ColumnFormat) -> String {
    let percent = if format.percent { " with a percent sign; `12%` is read as 12" } else { "" };
    let comma =
        if format.decimal == DecimalMark::Comma && format.kind == ColumnType::Number { " with a decimal comma" } else { "" };
    format!("{comma}{percent}")
}

fn number_doubt(example: &Example, format: &ColumnFormat) -> String {
    let mark = match format.decimal {
        DecimalMark::Point => "a decimal point",
        DecimalMark::Comma => "a decimal comma",
    };
    format!(
        "row {} holds `{}`, which has another value with the other decimal mark; it is read with {mark}, send `decimal` to change that",
        example.row, example.value
    )
}

impl Decisive {
    fn describe(&self) -> String {
        let Example { row, value } = &self.example;
        let held = format!("row {row} holds `{value}`");
        match self.reason {
            Reason::Number(NumberRefusal::LeadingZero) => format!("{held}: as a number it would lose its leading zeros"),
            Reason::Number(NumberRefusal::TooLong) => format!("{held}: as a number beyond 2^53 it would lose digits"),
            Reason::Number(NumberRefusal::OutOfRange) => {
                format!("{held}: it is beyond the range of a 64-bit floating-point number")
            }
            Reason::Number(NumberRefusal::Phone) => format!("{held}: it looks like a telephone number"),
            Reason::Percent => format!("{held}: only some of the numbers carry a percent sign"),
            Reason::Zone => format!("{held}: only some of the times carry an offset from UTC"),
            Reason::Order => format!("{held}: with the dates before it no order of day and month fits all"),
            Reason::Number(NumberRefusal::Syntax) | Reason::Other => format!("{held}, {}", self.contrast()),
        }
    }

    fn contrast(&self) -> &'static str {
        match self.before {
            ColumnType::Integer => "the values before it are whole numbers",
            ColumnType::Number => "the values before it are numbers",
            ColumnType::Boolean => "the values before it could be true and false",
            ColumnType::Date | ColumnType::Datetime => "the values before it are dates",
            ColumnType::Text | ColumnType::Empty => "which is text",
        }
    }
}
