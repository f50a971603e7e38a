//! Decides the format of a column after its last value.

use super::super::cell::{ColumnFormat, DateFormat, DateOrder, DecimalMark};
use super::super::views::ColumnType;
use super::hypothesis::NumberHypothesis;
use super::{ColumnTyping, Example};

/// What was decided.
pub(in super::super) struct Decision {
    /// How to read the cells.
    pub(in super::super) format: ColumnFormat,
    /// Why.
    pub(in super::super) evidence: String,
    /// What else it could mean.
    pub(in super::super) doubt: Option<String>,
    /// Least and greatest finite number.
    pub(in super::super) range: Option<(f64, f64)>,
}

/// What the table as a whole prefers where a column leaves a choice.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Preference {
    /// Decimal mark.
    pub(in super::super) decimal: DecimalMark,
    /// Whether the caller gave the mark: then the other one is not tried.
    pub(in super::super) decimal_given: bool,
    /// Order of dates.
    pub(in super::super) order: DateOrder,
}

impl ColumnTyping {
    /// Which decimal mark the numbers need: nothing if both or none fit.
    pub(in super::super) fn needed_mark(&self) -> Option<DecimalMark> {
        match (self.filled > 0 && self.point.fits, self.filled > 0 && self.comma.fits) {
            (true, false) => Some(DecimalMark::Point),
            (false, true) => Some(DecimalMark::Comma),
            _ => None,
        }
    }

    /// An ambiguous number of a column that fits both marks.
    pub(in super::super) fn ambiguous_number(&self) -> Option<&Example> {
        self.ambiguous.as_deref().filter(|_| self.point.fits && self.comma.fits)
    }

    /// The only order in which the dates fit.
    pub(in super::super) fn needed_order(&self) -> Option<DateOrder> {
        let is_date = matches!(self.leading(), ColumnType::Date | ColumnType::Datetime);
        self.orders.choose(DateOrder::DayMonthYear).filter(|_| is_date && !self.orders.is_ambiguous())
    }

    /// The number that decided the decimal mark.
    pub(in super::super) fn mark_example(&self) -> Option<&Example> {
        self.mark_example.as_deref()
    }

    /// A value, for evidence.
    pub(in super::super) fn example(&self) -> Option<&Example> {
        self.first.as_deref()
    }

    /// Decides the format.
    pub(in super::super) fn decide(&self, preference: Preference) -> Decision {
        let (mark, hypothesis) = self.number(preference);
        let kind = self.kind(hypothesis, preference);
        let format = self.format(kind, mark, preference);
        let is_number = matches!(kind, ColumnType::Integer | ColumnType::Number);
        let range = (is_number && hypothesis.least <= hypothesis.greatest).then_some((hypothesis.least, hypothesis.greatest));
        Decision { evidence: self.evidence(&format), doubt: self.doubt(&format), format, range }
    }

    /// The format of a type; what the type does not use stays plain.
    fn format(&self, kind: ColumnType, mark: DecimalMark, preference: Preference) -> ColumnFormat {
        let plain = ColumnFormat::new(kind);
        match kind {
            ColumnType::Integer | ColumnType::Number => {
                ColumnFormat { decimal: mark, percent: self.percent == Some(true), ..plain }
            }
            ColumnType::Boolean => ColumnFormat { booleans: self.pairs.decided().unwrap_or_default(), ..plain },
            ColumnType::Date | ColumnType::Datetime => {
                let order = self.orders.choose(preference.order).unwrap_or_default();
                ColumnFormat { date: DateFormat { order, zoned: self.zoned == Some(true) }, ..plain }
            }
            ColumnType::Text | ColumnType::Empty => plain,
        }
    }

    fn number(&self, preference: Preference) -> (DecimalMark, NumberHypothesis) {
        let preferred = match preference.decimal {
            DecimalMark::Point => self.point,
            DecimalMark::Comma => self.comma,
        };
        if preferred.fits || preference.decimal_given {
            return (preference.decimal, preferred);
        }
        match preference.decimal {
            DecimalMark::Point => (DecimalMark::Comma, self.comma),
            DecimalMark::Comma => (DecimalMark::Point, self.point),
        }
    }

    fn kind(&self, number: NumberHypothesis, preference: Preference) -> ColumnType {
        match self.leading() {
            ColumnType::Integer | ColumnType::Number if number.fits => {
                if number.whole {
                    ColumnType::Integer
                } else {
                    ColumnType::Number
                }
            }
            ColumnType::Integer | ColumnType::Number => {
                if self.orders.choose(preference.order).is_some() {
                    self.date_kind()
                } else {
                    ColumnType::Text
                }
            }
            ColumnType::Boolean if self.pairs.decided().is_none() => ColumnType::Text,
            other => other,
        }
    }

    fn date_kind(&self) -> ColumnType {
        if self.timed { ColumnType::Datetime } else { ColumnType::Date }
    }
}
