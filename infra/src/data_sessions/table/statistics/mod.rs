//! Statistics of a column whose format is known.

mod distinct;
mod histogram;
mod sum;

use super::cell::{Cell, ColumnFormat, Value};
use super::missing::trim;
use super::views::{self, TopValue};
use distinct::Distinct;
pub(super) use distinct::DistinctPool;
use histogram::Histogram;
use sum::Sum;

/// Amounts of detail, less for wide tables: 10,000 columns are as bounded as ten.
#[derive(Debug, Clone, Copy)]
pub(super) struct Detail {
    top: usize,
    intervals: usize,
}

impl Detail {
    /// For a table of so many columns.
    pub(super) const fn of(columns: usize) -> Self {
        match columns {
            0..=1_000 => Self { top: 10, intervals: 20 },
            _ => Self { top: 3, intervals: 8 },
        }
    }
}

/// Counts and sums of one column.
pub(super) struct ColumnStatistics {
    /// Cells with a value, infinities included.
    pub(super) filled: u64,
    /// Cells with an infinity.
    pub(super) infinite: u64,
    finite: u64,
    sum: Sum,
    range: Option<(f64, f64)>,
    dates: Option<(i64, i64)>,
    histogram: Option<Histogram>,
    distinct: Distinct,
}

impl ColumnStatistics {
    /// Before the first cell. `range` holds the least and greatest number, known from the first pass.
    pub(super) fn new(range: Option<(f64, f64)>, detail: Detail) -> Self {
        let histogram = range.and_then(|(least, greatest)| Histogram::new(least, greatest, detail.intervals));
        Self {
            filled: 0,
            infinite: 0,
            finite: 0,
            sum: Sum::default(),
            range,
            dates: None,
            histogram,
            distinct: Distinct::default(),
        }
    }

    /// Adds a cell.
    pub(super) fn add(&mut self, format: &ColumnFormat, cell: &str, pool: &mut DistinctPool) {
        let text = trim(cell);
        match format.cell(text) {
            Cell::Value(Value::Missing) => return,
            Cell::Infinite => self.infinite += 1,
            Cell::Value(value) => self.add_value(value),
        }
        self.filled += 1;
        self.distinct.add(text, pool);
    }

    /// The values that are counted.
    pub(super) fn distinct(&self) -> &Distinct {
        &self.distinct
    }

    /// The values that are counted.
    pub(super) fn distinct_mut(&mut self) -> &mut Distinct {
        &mut self.distinct
    }

    #[expect(clippy::cast_precision_loss, reason = "whole numbers are within ±2⁵³, and so are counts of rows")]
    fn add_value(&mut self, value: Value<'_>) {
        match value {
            Value::Integer(value) => self.add_number(value as f64),
            Value::Number(value) => self.add_number(value),
            Value::Date(seconds) => {
                let (first, last) = self.dates.unwrap_or((seconds, seconds));
                self.dates = Some((first.min(seconds), last.max(seconds)));
            }
            Value::Missing | Value::Boolean(_) | Value::Text(_) | Value::Invalid => {}
        }
    }

    fn add_number(&mut self, value: f64) {
        self.finite += 1;
        self.sum.add(value);
        if let Some(histogram) = &mut self.histogram {
            histogram.add(value);
        }
    }

    /// Writes the statistics into the description of the column.
    pub(super) fn describe(self, format: &ColumnFormat, rows: u64, detail: Detail, info: &mut views::ColumnInfo) {
        info.missing = rows - self.filled;
        info.infinite = (self.infinite > 0).then_some(self.infinite);
        (info.distinct, info.distinct_is_exact) = self.distinct.count();
        if let Some((least, greatest)) = self.range {
            (info.minimum, info.maximum) = (Some(least), Some(greatest));
            info.mean = Some(self.sum.mean(self.finite).clamp(least, greatest));
        }
        info.earliest = self.dates.map(|(first, _)| format.iso(first));
        info.latest = self.dates.map(|(_, last)| format.iso(last));
        info.histogram = self.histogram.map(Histogram::into_view);
        info.top = self.distinct.top(detail.top).into_iter().map(|(value, count)| TopValue { value, count }).collect();
    }
}
