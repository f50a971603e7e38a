//! Decides the type of a column by all of its values.

mod decision;
mod evidence;
mod hypothesis;
mod looks;

use super::booleans::PairSet;
use super::cell::DecimalMark;
use super::dates::{OrderSet, WrittenDate};
use super::error::shorten;
use super::missing::{is_missing, is_placeholder, trim};
use super::numbers::{self, NumberRefusal};
use super::views::ColumnType;
pub(super) use decision::Preference;
use hypothesis::{NumberHypothesis, accept};
pub(super) use looks::looks_typed;

/// A value and its row, from 1.
#[derive(Debug, Clone)]
pub(super) struct Example {
    /// Row from 1.
    pub(super) row: u64,
    /// The value, shortened.
    pub(super) value: Box<str>,
}

impl Example {
    fn boxed(row: u64, text: &str) -> Box<Self> {
        Box::new(Self { row, value: shorten(text).into() })
    }
}

/// The value after which a column could no longer be what it seemed to be.
#[derive(Debug, Clone)]
struct Decisive {
    example: Example,
    before: ColumnType,
    reason: Reason,
}

/// Why a value does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    Other,
    Number(NumberRefusal),
    Percent,
    Zone,
    Order,
}

/// What the values of a column can still be.
#[derive(Debug, Clone)]
pub(super) struct ColumnTyping {
    point: NumberHypothesis,
    comma: NumberHypothesis,
    percent: Option<bool>,
    pairs: PairSet,
    orders: OrderSet,
    timed: bool,
    zoned: Option<bool>,
    /// Cells with a value, those with a placeholder left out.
    filled: u64,
    placeholders: u64,
    /// Whether a cell has any text, a word for a missing value included.
    touched: bool,
    first: Option<Box<Example>>,
    decisive: Option<Box<Decisive>>,
    order_example: Option<Box<Example>>,
    /// A number that has another value with the other decimal mark.
    ambiguous: Option<Box<Example>>,
    /// The first number that fits only one decimal mark.
    mark_example: Option<Box<Example>>,
}

impl ColumnTyping {
    /// A column without values.
    pub(super) fn new() -> Self {
        Self {
            point: NumberHypothesis::OPEN,
            comma: NumberHypothesis::OPEN,
            percent: None,
            pairs: PairSet::ALL,
            orders: OrderSet::ALL,
            timed: false,
            zoned: None,
            filled: 0,
            placeholders: 0,
            touched: false,
            first: None,
            decisive: None,
            order_example: None,
            ambiguous: None,
            mark_example: None,
        }
    }

    /// Adds a cell.
    pub(super) fn add(&mut self, row: u64, cell: &str) {
        let text = trim(cell);
        self.touched |= !text.is_empty();
        if is_missing(text) {
            return;
        }
        if self.is_text() {
            self.filled += 1;
        } else if is_placeholder(text) {
            self.placeholders += 1;
        } else {
            self.narrow(row, text);
        }
    }

    /// Whether a cell has any text.
    pub(super) fn is_touched(&self) -> bool {
        self.touched
    }

    /// Whether another cell would leave the type as it is.
    pub(super) fn fits(&self, cell: &str) -> bool {
        let mut other = self.clone();
        other.add(0, cell);
        other.leading() == self.leading()
    }

    /// Whether nothing but text is left.
    fn is_text(&self) -> bool {
        !self.point.fits && !self.comma.fits && self.pairs.is_empty() && self.orders.is_empty()
    }

    /// What the column seems to be so far.
    pub(super) fn leading(&self) -> ColumnType {
        if self.filled == 0 {
            return if self.placeholders == 0 { ColumnType::Empty } else { ColumnType::Text };
        }
        if (self.point.fits && self.point.whole) || (self.comma.fits && self.comma.whole) {
            ColumnType::Integer
        } else if self.point.fits || self.comma.fits {
            ColumnType::Number
        } else if !self.pairs.is_empty() {
            ColumnType::Boolean
        } else if self.orders.is_empty() {
            ColumnType::Text
        } else if self.timed {
            ColumnType::Datetime
        } else {
            ColumnType::Date
        }
    }

    fn narrow(&mut self, row: u64, text: &str) {
        let before = self.leading();
        let reason = self.apply(row, text);
        if self.filled == 0 {
            self.first = Some(Example::boxed(row, text));
        }
        self.filled += 1;
        if before != self.leading() {
            self.decisive = Some(Box::new(Decisive { example: *Example::boxed(row, text), before, reason }));
        }
    }

    fn apply(&mut self, row: u64, text: &str) -> Reason {
        let mut reason = Reason::Other;
        if self.point.fits || self.comma.fits {
            reason = self.apply_number(row, text);
        }
        if !self.pairs.is_empty() {
            self.pairs.add(text);
        }
        if !self.orders.is_empty() {
            let of_date = self.apply_date(row, text);
            if reason == Reason::Other || of_date != Reason::Other {
                reason = of_date;
            }
        }
        reason
    }

    fn apply_number(&mut self, row: u64, text: &str) -> Reason {
        let point = numbers::parse(text, DecimalMark::Point);
        let same = !text.bytes().any(|byte| byte == b'.' || byte == b',');
        let comma = if same || !self.comma.fits { point } else { numbers::parse(text, DecimalMark::Comma) };
        if let (true, true, Ok(one), Ok(other)) = (self.point.fits, self.comma.fits, point, comma)
            && one != other
            && self.ambiguous.is_none()
        {
            self.ambiguous = Some(Example::boxed(row, text));
        }
        if self.point.fits && self.comma.fits && point.is_ok() != comma.is_ok() {
            self.mark_example = Some(Example::boxed(row, text));
        }
        let percent = point.or(comma).map(|number| number.percent);
        if percent.is_ok_and(|percent| *self.percent.get_or_insert(percent) != percent) {
            self.point.fits = false;
            self.comma.fits = false;
            return Reason::Percent;
        }
        let reasons = [accept(&mut self.point, point), accept(&mut self.comma, comma)];
        reasons.into_iter().flatten().find(|fault| *fault != NumberRefusal::Syntax).map_or(Reason::Other, Reason::Number)
    }

    fn apply_date(&mut self, row: u64, text: &str) -> Reason {
        let Some(date) = WrittenDate::parse(text) else {
            self.orders = OrderSet::NONE;
            return Reason::Other;
        };
        if let Some(time) = date.time {
            self.timed = true;
            if *self.zoned.get_or_insert(time.offset.is_some()) != time.offset.is_some() {
                self.orders = OrderSet::NONE;
                return Reason::Zone;
            }
        }
        let was_ambiguous = self.orders.is_ambiguous() && self.filled > 0;
        self.orders.restrict(&date);
        if self.orders.is_empty() {
            return if date.is_some_date() { Reason::Order } else { Reason::Other };
        }
        if was_ambiguous && !self.orders.is_ambiguous() {
            self.order_example = Some(Example::boxed(row, text));
        }
        Reason::Other
    }
}
