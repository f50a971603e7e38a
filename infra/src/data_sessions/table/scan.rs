//! The first pass over all rows: their lengths, and what each column can be.

use super::dialect::Dialect;
use super::error::{TableError, shorten};
use super::limits::Limits;
use super::missing::trim;
use super::notices::{Notices, Tally};
use super::ports::Source;
use super::reader::{Line, TableReader};
use super::typing::ColumnTyping;

/// Characters of a name that are kept of the header.
const LONGEST_NAME: usize = 1_200;

/// What the first pass has found.
pub(super) struct Scanned {
    /// Names in the file; empty texts without a header.
    pub(super) header: Vec<String>,
    /// What each column can be.
    pub(super) columns: Vec<ColumnTyping>,
    /// Cells of a row, columns that turned out to be empty included.
    pub(super) width: usize,
}

/// Reads all rows.
pub(super) fn scan(source: &dyn Source, dialect: &Dialect, limits: Limits, notices: &mut Notices) -> Result<Scanned, TableError> {
    if let Some(left_out) = &dialect.left_out {
        notices.add(None, None, || format!("left out before the table: {left_out}; send `skip_rows=0` to keep all lines"));
    }
    let mut reader = TableReader::open(source, dialect, limits)?;
    let header = header(&mut reader, dialect)?;
    let width = header.len();
    if width > limits.columns && header.last().is_none_or(|name| !name.is_empty()) {
        let place = super::Place { row: 0, line: dialect.skip_lines + 1 };
        return Err(TableError::TooManyColumns { place, limit: limits.columns });
    }
    reader.width = width;
    let columns = header.iter().map(|_| ColumnTyping::new()).collect();
    let mut scan = Scan { columns, width, strict: dialect.format.delimiter == Some(b' '), limits, rows: Rows::default() };
    while let Some(line) = reader.next()? {
        scan.add(&line)?;
    }
    scan.rows.report(&reader, notices);
    let mut scanned = Scanned { header, columns: scan.columns, width };
    if scanned.is_blank() {
        return Err(TableError::Blank);
    }
    scanned.drop_empty_end(notices);
    Ok(scanned)
}

/// The names in the file. Without a header, as many empty ones as most rows have cells.
fn header(reader: &mut TableReader<'_>, dialect: &Dialect) -> Result<Vec<String>, TableError> {
    if !dialect.header {
        return Ok(vec![String::new(); dialect.width]);
    }
    let Some(line) = reader.next()? else { return Err(TableError::Blank) };
    Ok(line.cells().map(|cell| cell.chars().take(LONGEST_NAME).collect()).collect())
}

struct Scan {
    columns: Vec<ColumnTyping>,
    width: usize,
    /// Short rows are refused.
    strict: bool,
    limits: Limits,
    rows: Rows,
}

/// Rows with something to report.
#[derive(Default)]
struct Rows {
    short: Tally,
    long: Tally,
    irregular: Tally,
    controls: Tally,
    absent: u64,
}

impl Scan {
    fn add(&mut self, line: &Line<'_>) -> Result<(), TableError> {
        let row = line.place.row;
        for (column, cell) in self.columns.iter_mut().zip(line.cells()) {
            column.add(row, cell);
        }
        if line.row.irregular > 0 {
            self.rows.irregular.add(row);
        }
        if line.text.bytes().any(|byte| byte < 0x20 && !matches!(byte, b'\n' | b'\r' | b'\t')) {
            self.rows.controls.add(row);
        }
        match line.row.len().cmp(&self.width) {
            std::cmp::Ordering::Less => self.add_short(line),
            std::cmp::Ordering::Equal => Ok(()),
            std::cmp::Ordering::Greater => self.add_long(line),
        }
    }

    fn add_short(&mut self, line: &Line<'_>) -> Result<(), TableError> {
        let (place, found, expected) = (line.place, line.row.len(), self.width);
        if self.strict {
            return Err(TableError::ShortRow { place, found, expected });
        }
        self.rows.short.add(place.row);
        self.rows.absent += (expected - found) as u64;
        if self.rows.absent > self.limits.absent {
            return Err(TableError::TooManyAbsentCells { place, limit: self.limits.absent });
        }
        Ok(())
    }

    fn add_long(&mut self, line: &Line<'_>) -> Result<(), TableError> {
        if let Some(value) = line.cells().skip(self.width).map(trim).find(|cell| !cell.is_empty()) {
            let (place, found, expected) = (line.place, line.row.len(), self.width);
            return Err(TableError::LongRow { place, found, expected, value: shorten(value) });
        }
        self.rows.long.add(line.place.row);
        Ok(())
    }
}

impl Rows {
    fn report(&self, reader: &TableReader<'_>, notices: &mut Notices) {
        notices.add_tally(&self.short, "rows have fewer cells than there are columns, and the absent ones are read as missing");
        notices.add_tally(&self.long, "rows have empty cells beyond the last column, which are left out");
        notices.add_tally(&self.irregular, "rows have text after a closing quote, which is read as part of the cell");
        notices.add_tally(&self.controls, "rows hold control characters, which are kept");
        let comments = &reader.comments;
        if comments.count > 0 {
            notices.add(None, None, || {
                format!("lines that begin with `#` are left out as comments; {} in all{}", comments.count, comments.list())
            });
        }
        if reader.blank_lines() > 0 {
            notices.add(None, None, || format!("blank lines are left out; {} in all", reader.blank_lines()));
        }
    }
}

impl Scanned {
    fn is_blank(&self) -> bool {
        self.header.iter().all(|name| trim(name).is_empty()) && self.columns.iter().all(|column| !column.is_touched())
    }

    /// Columns at the end without a name and without any text result from delimiters at the end of each row.
    fn drop_empty_end(&mut self, notices: &mut Notices) {
        let empty = self.header.iter().zip(&self.columns).rev();
        let count = empty.take_while(|(name, column)| trim(name).is_empty() && !column.is_touched()).count();
        if count > 0 {
            self.header.truncate(self.header.len() - count);
            self.columns.truncate(self.columns.len() - count);
            notices.add(None, None, || format!("columns at the end without name and values are left out; {count} in all"));
        }
    }
}
