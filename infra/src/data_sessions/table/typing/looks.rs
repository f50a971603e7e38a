//! A first look at a cell, for the detection of the dialect.

use super::super::cell::DecimalMark;
use super::super::dates::WrittenDate;
use super::super::missing::trim;
use super::super::numbers;

/// Whether a cell looks like a number, a date or a time of day.
pub(in super::super) fn looks_typed(cell: &str) -> bool {
    let text = trim(cell);
    numbers::parse(text, DecimalMark::Point).is_ok()
        || numbers::parse(text, DecimalMark::Comma).is_ok()
        || WrittenDate::parse(text).is_some_and(|date| date.is_some_date())
        || is_time(text)
}

fn is_time(text: &str) -> bool {
    let mut parts = text.split(':');
    let two_digits = |part: &str| (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    (5..=8).contains(&text.len()) && text.contains(':') && parts.all(two_digits)
}
