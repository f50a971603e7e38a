//! Reads the bytes of a row, one cell after the other.

use super::super::error::{TableError, shorten};
use super::{RowReader, State};

impl RowReader<'_> {
    /// Reads until the buffer or the row ends; whether the row ended.
    pub(super) fn step(&mut self) -> Result<bool, TableError> {
        while self.position < self.length {
            let byte = self.buffer[self.position];
            match self.state {
                State::CellStart => self.open_cell(byte)?,
                State::Unquoted | State::Closed => {
                    self.take_run(|special, byte| special[usize::from(byte)])?;
                    if self.position < self.length && self.end_cell_or_row()? {
                        return Ok(true);
                    }
                }
                State::Quoted => self.take_quoted()?,
                State::QuoteInQuoted => self.after_quote(byte)?,
                State::Escaped => self.after_backslash(byte)?,
            }
        }
        Ok(false)
    }

    fn open_cell(&mut self, byte: u8) -> Result<(), TableError> {
        if Some(byte) == self.format.quote {
            self.row.bytes.truncate(self.row.start_of_last());
            self.cell_quoted = true;
            self.state = State::Quoted;
            self.position += 1;
        } else if byte == b' ' && !self.special[usize::from(byte)] {
            self.position += 1;
            self.push(&[byte])?;
        } else {
            self.state = State::Unquoted;
        }
        Ok(())
    }

    fn take_quoted(&mut self) -> Result<(), TableError> {
        let quote = self.format.quote.unwrap_or(b'"');
        let backslash = self.format.backslash;
        self.take_run(move |_, byte| byte == quote || (backslash && byte == b'\\'))?;
        if self.position < self.length {
            self.state = if self.buffer[self.position] == quote { State::QuoteInQuoted } else { State::Escaped };
            self.position += 1;
        }
        Ok(())
    }

    /// What follows a backslash inside quotes. Before other characters it is an ordinary one.
    fn after_backslash(&mut self, byte: u8) -> Result<(), TableError> {
        self.state = State::Quoted;
        if Some(byte) == self.format.quote || byte == b'\\' {
            self.position += 1;
            return self.push(&[byte]);
        }
        self.push(b"\\")
    }

    /// What follows a quote inside quotes.
    fn after_quote(&mut self, byte: u8) -> Result<(), TableError> {
        if Some(byte) == self.format.quote {
            self.position += 1;
            self.state = State::Quoted;
            return self.push(&[byte]);
        }
        self.state = State::Closed;
        self.closed_at = self.row.bytes.len();
        Ok(())
    }

    /// Appends bytes until one that ends the run.
    fn take_run(&mut self, ends: impl Fn(&[bool; 256], u8) -> bool) -> Result<(), TableError> {
        let rest = self.buffer.get(self.position..self.length).unwrap_or_default();
        let count = rest.iter().position(|byte| ends(&self.special, *byte)).unwrap_or(rest.len());
        let run = rest.get(..count).unwrap_or_default();
        if self.state == State::Quoted {
            let mut previous = self.after_return;
            for byte in run {
                let pair = previous && *byte == b'\n';
                previous = *byte == b'\r';
                self.line += u64::from((*byte == b'\n' || previous) && !pair);
            }
            self.after_return = previous && count == rest.len();
        }
        self.row.bytes.extend_from_slice(run);
        self.position += count;
        self.check_lengths()
    }

    fn push(&mut self, bytes: &[u8]) -> Result<(), TableError> {
        self.row.bytes.extend_from_slice(bytes);
        self.check_lengths()
    }

    /// At a delimiter or a line end: whether the row ended.
    fn end_cell_or_row(&mut self) -> Result<bool, TableError> {
        let byte = self.buffer[self.position];
        self.position += 1;
        if byte == b'\n' || byte == b'\r' {
            self.end_row();
            self.count_line(byte);
            return Ok(true);
        }
        self.end_cell(self.format.collapse);
        if self.row.len() > self.limits.columns + 1 {
            return Err(TableError::TooManyColumns { place: self.place(), limit: self.limits.columns });
        }
        Ok(false)
    }

    /// Ends the last cell and the row.
    pub(super) fn end_row(&mut self) {
        self.end_cell(self.format.collapse && !self.row.ends.is_empty());
    }

    fn end_cell(&mut self, unless_empty: bool) {
        if self.state == State::Closed {
            // White space between the quote and the delimiter says nothing.
            let tail = self.row.bytes.get(self.closed_at..).unwrap_or_default();
            self.cell_irregular = !tail.trim_ascii().is_empty();
            if !self.cell_irregular {
                self.row.bytes.truncate(self.closed_at);
            }
        }
        self.state = State::CellStart;
        if unless_empty && !self.cell_quoted && self.row.bytes.len() == self.row.start_of_last() {
            return;
        }
        self.row.first_quoted |= self.cell_quoted && self.row.ends.is_empty();
        self.row.quoted += usize::from(self.cell_quoted);
        self.row.irregular += usize::from(self.cell_irregular);
        self.row.ends.push(self.row.bytes.len());
        self.cell_quoted = false;
        self.cell_irregular = false;
    }

    /// Counts a line end.
    pub(super) fn count_line(&mut self, byte: u8) {
        self.line += u64::from(byte == b'\r' || (byte == b'\n' && !self.after_return));
        self.after_return = byte == b'\r';
    }

    fn check_lengths(&self) -> Result<(), TableError> {
        if self.row.bytes.len() - self.row.start_of_last() > self.limits.cell {
            let advice = if self.state == State::Quoted {
                "Its quote may not be closed: close it, or send `quote=none`."
            } else {
                "Send the `delimiter` or `quote` if they were detected wrongly, or shorten it."
            };
            let (limit, column) = (self.limits.cell, self.row.len() + 1);
            return Err(TableError::CellTooLong { place: self.place(), column, limit, value: self.last_text(), advice });
        }
        if self.row.bytes.len() > self.limits.row {
            return Err(TableError::RowTooLong { place: self.place(), limit: self.limits.row });
        }
        Ok(())
    }

    /// The beginning of the present cell.
    pub(super) fn last_text(&self) -> String {
        let bytes = self.row.bytes.get(self.row.start_of_last()..).unwrap_or_default();
        shorten(&String::from_utf8_lossy(bytes.get(..bytes.len().min(200)).unwrap_or_default()))
    }
}
