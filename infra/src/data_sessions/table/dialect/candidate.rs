//! Parses the sample with one delimiter and one quote, and measures how much it looks like a table.

use std::collections::HashMap;

use super::super::error::TableError;
use super::super::limits::Limits;
use super::super::missing::trim;
use super::super::rows::{Format, Row, RowReader};
use super::super::typing::looks_typed;
use super::sample::Sample;

/// Rows that are measured.
const ROWS: usize = 2_000;
/// Rows at the beginning that may be left out as comments or titles.
pub(super) const HEAD: usize = 25;

/// A row at the beginning of the sample.
#[derive(Debug, Clone, Copy)]
pub(super) struct HeadRow {
    /// Line from 1.
    pub(super) line: u64,
    /// Cells.
    pub(super) width: usize,
    /// Cells that are not empty.
    pub(super) filled: usize,
    /// It begins with `#`, not in quotes.
    pub(super) comment: bool,
    /// It begins with `#` and a space.
    pub(super) spaced_comment: bool,
    /// Cells that look like numbers or dates.
    pub(super) typed: usize,
}

/// What a sample looks like, parsed in one way.
#[derive(Debug)]
pub(super) struct Candidate {
    /// The way.
    pub(super) format: Format,
    /// The first rows.
    pub(super) head: Vec<HeadRow>,
    /// Most frequent number of cells of a row, the greater one of two.
    pub(super) width: usize,
    /// Share of the rows that have it.
    pub(super) consistency: f64,
    /// Share of the cells that look like numbers or dates.
    pub(super) typed: f64,
    /// Cells in quotes.
    pub(super) quoted: usize,
    /// Cells with text after the closing quote, and quotes never closed.
    pub(super) irregular: usize,
    rows: usize,
    wide: usize,
    /// Most cells of a row, empty ones at its end left out.
    widest: usize,
    spaced: f64,
    /// Its first row has several columns and is refused.
    pub(super) broken: bool,
}

#[derive(Default)]
struct Tallies {
    widths: HashMap<usize, usize>,
    cells: usize,
    typed: usize,
    spaced: usize,
    rows: usize,
    widest: usize,
    broken: bool,
    quoted: usize,
    irregular: usize,
    head: Vec<HeadRow>,
}

impl Candidate {
    /// Parses the sample after some lines.
    pub(super) fn parse(sample: &Sample, skip_lines: u64, format: Format, limits: Limits) -> Self {
        let mut reader = RowReader::new(sample.text(), format, limits);
        let mut tallies = Tallies::default();
        let mut failure = reader.skip_lines(skip_lines).err();
        while failure.is_none() && tallies.rows < ROWS {
            match reader.next() {
                Ok(Some(row)) => tallies.add(row),
                Ok(None) => break,
                Err(error) => failure = Some(error),
            }
        }
        if let Some(error) = failure {
            tallies.add_failure(&error, sample);
        }
        tallies.finish(format)
    }

    /// Whether its rows are those of a table with several columns.
    pub(super) fn is_table(&self) -> bool {
        let only_short = self.first_width() >= self.widest && self.wide * 2 >= self.rows;
        self.width > 1 && (self.consistency >= 0.5 || only_short)
    }

    /// A measure to compare candidates with: regular rows, several columns, and cells that are numbers or dates.
    #[expect(clippy::cast_precision_loss, reason = "few columns")]
    pub(super) fn score(&self) -> f64 {
        let columns = (self.width as f64 - 1.0) / self.width as f64;
        let spaced = if self.spaced > 0.5 { 0.8 } else { 1.0 };
        self.consistency * self.consistency * columns * (0.1 + 0.9 * self.typed) * spaced
    }

    /// Cells of the first row that is no comment.
    pub(super) fn first_width(&self) -> usize {
        self.head.iter().find(|row| !row.comment).map_or(0, |row| row.width)
    }

    /// Whether all cells but one look like numbers or dates, in a table of one column.
    pub(super) fn all_but_first_typed(&self) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "few rows")]
        let others = 1.0 - 1.5 / self.rows.max(1) as f64;
        self.rows > 1 && self.typed >= others
    }

    /// Whether all rows but the first have the same number of cells.
    pub(super) fn rest_is_regular(&self) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "few rows")]
        let others = 1.0 - 1.5 / self.rows.max(1) as f64;
        self.consistency >= others
    }
}

impl Tallies {
    fn add(&mut self, row: &Row) {
        let Some(text) = row.text() else { return };
        let cells = || row.cells(text).map(trim).filter(|cell| !cell.is_empty());
        let comment = !row.first_quoted && text.starts_with('#');
        let typed = cells().filter(|cell| looks_typed(cell)).count();
        let filled = cells().count();
        if self.head.len() < HEAD {
            let spaced_comment = comment && text.starts_with("# ");
            self.head.push(HeadRow { line: row.line, width: row.len(), filled, comment, spaced_comment, typed });
        }
        if comment {
            return;
        }
        self.rows += 1;
        *self.widths.entry(row.len()).or_default() += 1;
        self.widest = self
            .widest
            .max(row.cells(text).enumerate().filter(|(_, cell)| !cell.is_empty()).last().map_or(1, |(index, _)| index + 1));
        self.quoted += row.quoted;
        self.irregular += row.irregular;
        self.cells += filled;
        self.typed += typed;
        self.spaced += row.cells(text).filter(|cell| cell.starts_with(' ')).count();
    }

    fn add_failure(&mut self, error: &TableError, sample: &Sample) {
        let (cut, broken) = match error {
            // A row that the sample cuts off inside quotes is no fault.
            TableError::UnterminatedQuote { place, column, .. } => {
                (!sample.complete && place.line * 2 > sample.lines, *column > 1)
            }
            TableError::TooManyColumns { .. } | TableError::RowTooLong { .. } => (false, true),
            _ => (false, false),
        };
        self.irregular += usize::from(!cut);
        self.broken = broken;
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of a small sample")]
    fn finish(self, format: Format) -> Candidate {
        let (width, count) = self
            .widths
            .iter()
            .map(|(width, count)| (*width, *count))
            .max_by_key(|(width, count)| (*count, *width))
            .unwrap_or((1, 0));
        let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
        Candidate {
            format,
            width,
            consistency: share(count, self.rows),
            typed: share(self.typed, self.cells),
            spaced: share(self.spaced, self.cells),
            wide: self.widths.iter().filter(|(width, _)| **width > 1).map(|(_, count)| count).sum(),
            widest: self.widest,
            broken: self.broken && self.rows == 0,
            rows: self.rows,
            quoted: self.quoted,
            irregular: self.irregular,
            head: self.head,
        }
    }
}
