//! Splits text into rows and cells in one quote-aware pass.
//!
//! The crate csv accepts a quote that is never closed, and a cell of any length; this reader refuses both, in bounded memory.
//! On well-formed input it yields the cells that csv yields, which the tests verify.
//!
//! Rules: a row ends at `\n`, `\r\n` or `\r`. A quote opens a cell only at its beginning, spaces before it allowed. Inside, two quotes
//! are one. Text after the closing quote is appended, and counted as irregular. Lines without any text are no rows.

mod cells;
mod row;

use super::error::{Place, TableError};
use super::limits::Limits;
use super::text::TextReader;
pub(super) use row::{Format, Row};

const BUFFER: usize = 1 << 16;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    CellStart,
    Unquoted,
    Quoted,
    /// A quote inside quotes: it closes them, or is the first of two.
    QuoteInQuoted,
    /// After the closing quote.
    Closed,
    /// A backslash inside quotes.
    Escaped,
}

/// Reads rows.
pub(super) struct RowReader<'a> {
    text: TextReader<'a>,
    format: Format,
    limits: Limits,
    /// Bytes that end a run of ordinary bytes outside quotes.
    special: [bool; 256],
    buffer: Vec<u8>,
    position: usize,
    length: usize,
    offset: u64,
    started: bool,
    state: State,
    /// The last byte was `\r`: a `\n` belongs to it.
    after_return: bool,
    line: u64,
    /// Rows read, the present one included.
    read: u64,
    cell_quoted: bool,
    cell_irregular: bool,
    /// Length of the row at the closing quote.
    closed_at: usize,
    row: Row,
    /// Lines without text met so far.
    pub(super) blank_lines: u64,
    /// Rows before the first row of data, subtracted from row numbers.
    pub(super) rows_before: u64,
}

impl<'a> RowReader<'a> {
    /// Reads from the beginning of a text.
    pub(super) fn new(text: TextReader<'a>, format: Format, limits: Limits) -> Self {
        let mut special = [false; 256];
        for byte in [Some(b'\n'), Some(b'\r'), format.delimiter, format.collapse.then_some(b'\t')].into_iter().flatten() {
            special[usize::from(byte)] = true;
        }
        Self {
            text,
            format,
            limits,
            special,
            buffer: vec![0; BUFFER],
            position: 0,
            length: 0,
            offset: 0,
            started: false,
            state: State::CellStart,
            after_return: false,
            line: 1,
            read: 0,
            cell_quoted: false,
            cell_irregular: false,
            closed_at: 0,
            row: Row { line: 1, ..Row::default() },
            blank_lines: 0,
            rows_before: 0,
        }
    }

    /// Leaves out lines, without regard to quotes.
    pub(super) fn skip_lines(&mut self, lines: u64) -> Result<(), TableError> {
        while self.line <= lines && (self.position < self.length || self.refill()?) {
            let byte = self.buffer[self.position];
            self.position += 1;
            self.count_line(byte);
        }
        if self.after_return && self.position == self.length {
            self.refill()?;
        }
        if self.after_return && self.buffer.get(self.position) == Some(&b'\n') && self.position < self.length {
            self.position += 1;
        }
        self.after_return = false;
        self.row.line = self.line;
        Ok(())
    }

    /// The next row; nothing at the end.
    pub(super) fn next(&mut self) -> Result<Option<&Row>, TableError> {
        loop {
            self.row.clear();
            self.row.line = self.line;
            self.read += 1;
            if !self.read_row()? {
                self.read -= 1;
                return Ok(None);
            }
            if !self.is_blank() {
                return Ok(Some(&self.row));
            }
            self.read -= 1;
            self.blank_lines += 1;
        }
    }

    /// The row read last.
    pub(super) fn row(&self) -> &Row {
        &self.row
    }

    /// Leaves the row read last out of the row numbers.
    pub(super) fn disregard(&mut self) {
        self.read -= 1;
    }

    /// Where the present row is.
    pub(super) fn place(&self) -> Place {
        Place { row: self.read.saturating_sub(self.rows_before), line: self.row.line }
    }

    fn is_blank(&self) -> bool {
        let empty = |bytes: &[u8]| bytes.trim_ascii().is_empty() || bytes == b"\x1a";
        self.row.len() <= 1 && self.row.quoted == 0 && empty(&self.row.bytes)
    }

    fn read_row(&mut self) -> Result<bool, TableError> {
        loop {
            if self.position == self.length && !self.refill()? {
                return self.end_of_text();
            }
            if self.after_return && !matches!(self.state, State::Quoted | State::Escaped) {
                self.after_return = false;
                if self.buffer[self.position] == b'\n' {
                    self.position += 1;
                    continue;
                }
            }
            if self.step()? {
                return Ok(true);
            }
        }
    }

    fn end_of_text(&mut self) -> Result<bool, TableError> {
        if matches!(self.state, State::Quoted | State::Escaped) {
            let value = self.last_text();
            return Err(TableError::UnterminatedQuote { place: self.place(), column: self.row.len() + 1, value });
        }
        if self.state == State::CellStart && self.row.ends.is_empty() && self.row.bytes.is_empty() {
            return Ok(false);
        }
        self.end_row();
        Ok(true)
    }

    fn refill(&mut self) -> Result<bool, TableError> {
        self.offset += self.length as u64;
        let filled = self.text.fill(&mut self.buffer, !self.started).map_err(|fault| fault.at(self.line, self.offset))?;
        self.started = true;
        self.position = 0;
        self.length = filled;
        Ok(filled > 0)
    }
}
