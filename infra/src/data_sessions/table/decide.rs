//! Decides names and formats of all columns after the first pass.

use super::cell::{ColumnFormat, DateOrder, DecimalMark};
use super::dialect::{Dialect, finding};
use super::names::{self, ColumnName};
use super::notices::Notices;
use super::overrides::Overrides;
use super::scan::Scanned;
use super::typing::{ColumnTyping, Preference};
use super::views::{ColumnInfo, ColumnType, Setting};

/// The columns, their statistics still empty.
pub(super) struct Columns {
    /// Names and evidence.
    pub(super) outlines: Vec<Outline>,
    /// How cells are read.
    pub(super) formats: Vec<ColumnFormat>,
    /// Least and greatest finite numbers.
    pub(super) ranges: Vec<Option<(f64, f64)>>,
}

/// What is known of a column before its statistics.
pub(super) struct Outline {
    name: ColumnName,
    evidence: Box<str>,
}

impl Outline {
    /// The description, its statistics still empty.
    pub(super) fn into_info(self, position: u64, kind: ColumnType) -> ColumnInfo {
        ColumnInfo {
            name: self.name.name,
            original_name: self.name.original,
            position,
            kind,
            evidence: self.evidence.into(),
            missing: 0,
            infinite: None,
            distinct: 0,
            distinct_is_exact: true,
            minimum: None,
            mean: None,
            maximum: None,
            earliest: None,
            latest: None,
            top: Vec::new(),
            histogram: None,
        }
    }
}

/// Decides all columns. Adds the decimal mark to the findings.
pub(super) fn decide(scanned: Scanned, dialect: &mut Dialect, given: &Overrides, notices: &mut Notices) -> Columns {
    let (decimal, evidence) = decimal_mark(&scanned, dialect);
    let decimal_given = given.decimal.is_some();
    let decimal = given.decimal.unwrap_or(decimal);
    let mark = if decimal == DecimalMark::Point { "." } else { "," };
    dialect.findings.push(finding(Setting::Decimal, mark, decimal_given, evidence));
    dialect.width = scanned.width;
    let preference = Preference { decimal, decimal_given, order: date_order(&scanned.columns) };
    let mut columns = Columns { outlines: Vec::new(), formats: Vec::new(), ranges: Vec::new() };
    let names = names::assign(&scanned.header);
    for (position, (name, typing)) in (0..).zip(names.into_iter().zip(scanned.columns)) {
        columns.add(position, name, &typing, preference, dialect.header, notices);
    }
    columns
}

impl Columns {
    fn add(
        &mut self,
        position: u64,
        name: ColumnName,
        typing: &ColumnTyping,
        preference: Preference,
        named: bool,
        notices: &mut Notices,
    ) {
        let name = ColumnName { original: name.original.filter(|_| named), ..name };
        let decision = typing.decide(preference);
        if let Some(original) = &name.original {
            notices.add(None, Some(&name.name), || renaming(position + 1, original));
        }
        if let Some(doubt) = decision.doubt {
            notices.add(None, Some(&name.name), || doubt);
        }
        self.outlines.push(Outline { name, evidence: decision.evidence.into() });
        self.formats.push(decision.format);
        self.ranges.push(decision.range);
    }
}

fn renaming(number: u64, original: &str) -> String {
    match super::error::shorten(original.trim()) {
        shown if shown.is_empty() => format!("column {number} has no name in the file"),
        shown => format!("column {number} is named `{shown}` in the file; it was renamed"),
    }
}

/// The decimal mark that most columns need. Without any that decides, a comma only in a file delimited by semicolons.
fn decimal_mark(scanned: &Scanned, dialect: &Dialect) -> (DecimalMark, String) {
    let needed = |mark| scanned.columns.iter().filter(move |column| column.needed_mark() == Some(mark));
    let (points, commas) = (needed(DecimalMark::Point).count(), needed(DecimalMark::Comma).count());
    let ambiguous = scanned.columns.iter().find_map(ColumnTyping::ambiguous_number);
    let mark = if commas > points { DecimalMark::Comma } else { DecimalMark::Point };
    if let Some(example) = needed(mark).find_map(ColumnTyping::mark_example) {
        let evidence = format!(
            "{points} columns are numbers only with a decimal point, {commas} only with a comma, such as `{}` in row {}",
            example.value, example.row
        );
        return (mark, evidence);
    }
    match ambiguous {
        Some(example) if dialect.format.delimiter == Some(b';') && example.value.contains(',') => (
            DecimalMark::Comma,
            format!(
                "row {} holds `{}`, and a file delimited by semicolons usually has decimal commas",
                example.row, example.value
            ),
        ),
        _ => (DecimalMark::Point, "no number needs a decimal comma".to_owned()),
    }
}

/// The order of dates that some column needs; the day before the month if none does.
fn date_order(columns: &[ColumnTyping]) -> DateOrder {
    let needed = columns.iter().filter_map(ColumnTyping::needed_order);
    needed.into_iter().find(|order| *order == DateOrder::MonthDayYear).unwrap_or(DateOrder::DayMonthYear)
}
