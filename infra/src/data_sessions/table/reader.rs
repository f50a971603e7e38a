//! Reads the rows of a table whose dialect is known.

use super::dialect::Dialect;
use super::error::{Place, TableError};
use super::limits::Limits;
use super::notices::Tally;
use super::ports::Source;
use super::rows::{Row, RowReader};
use super::text::TextReader;

/// Reads a table from its beginning.
pub(super) struct TableReader<'a> {
    rows: RowReader<'a>,
    encoding: &'static str,
    /// Columns; 0 until known.
    pub(super) width: usize,
    /// Lines left out as comments.
    pub(super) comments: Tally,
}

/// A row and where it is.
pub(super) struct Line<'r> {
    /// Its cells.
    pub(super) row: &'r Row,
    /// Their text.
    pub(super) text: &'r str,
    /// Row and line.
    pub(super) place: Place,
}

impl<'r> Line<'r> {
    /// Its cells.
    pub(super) fn cells(&self) -> impl Iterator<Item = &'r str> + Clone {
        self.row.cells(self.text)
    }
}

impl<'a> TableReader<'a> {
    /// Opens the file and leaves out the lines before the table.
    pub(super) fn open(source: &'a dyn Source, dialect: &Dialect, limits: Limits) -> Result<Self, TableError> {
        let text = TextReader::new(source.open().map_err(TableError::Read)?, dialect.encoding);
        let mut rows = RowReader::new(text, dialect.format, limits);
        rows.skip_lines(dialect.skip_lines)?;
        rows.rows_before = u64::from(dialect.header);
        Ok(Self { rows, encoding: dialect.encoding.name(), width: 0, comments: Tally::default() })
    }

    /// The next row that is neither blank nor a comment.
    pub(super) fn next(&mut self) -> Result<Option<Line<'_>>, TableError> {
        while self.rows.next()?.is_some() {
            if !self.is_comment() {
                return self.line().map(Some);
            }
            self.comments.add(self.rows.row().line);
            self.rows.disregard();
        }
        Ok(None)
    }

    /// Lines without text met so far.
    pub(super) fn blank_lines(&self) -> u64 {
        self.rows.blank_lines
    }

    fn line(&self) -> Result<Line<'_>, TableError> {
        let (row, place) = (self.rows.row(), self.rows.place());
        let text = row.text().ok_or(TableError::InvalidText { encoding: self.encoding, line: place.line })?;
        Ok(Line { row, text, place })
    }

    /// A row that begins with `#` and has not as many cells as the table.
    fn is_comment(&self) -> bool {
        let row = self.rows.row();
        self.width > 1 && row.len() != self.width && !row.first_quoted && row.starts_with(b'#')
    }
}
