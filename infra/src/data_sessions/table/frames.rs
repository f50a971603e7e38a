//! Writes normalised rows in frames of about equal size.

use super::error::TableError;
use super::ports::FrameSink;

/// Collects rows and passes them on as frames.
pub(super) struct FrameWriter<'a> {
    sink: &'a mut dyn FrameSink,
    size: usize,
    columns: usize,
    first_row: u64,
    rows: u64,
    writer: csv::Writer<Vec<u8>>,
}

impl<'a> FrameWriter<'a> {
    /// Frames end after `size` bytes, at the end of a row.
    pub(super) fn new(sink: &'a mut dyn FrameSink, size: usize, columns: usize) -> Self {
        Self {
            sink,
            size,
            columns,
            first_row: 0,
            rows: 0,
            writer: csv::Writer::from_writer(Vec::with_capacity(size + size / 16)),
        }
    }

    /// Appends a row of about `length` bytes. Absent cells are empty, surplus ones left out.
    pub(super) fn write<'c>(&mut self, cells: impl Iterator<Item = &'c str>, length: usize) -> Result<(), TableError> {
        if self.rows > 0 && self.writer.get_ref().len() + length + self.columns > self.size {
            self.end_frame()?;
        }
        let cells = cells.chain(std::iter::repeat("")).take(self.columns);
        self.writer.write_record(cells).map_err(|error| TableError::Write(error.into()))?;
        self.rows += 1;
        Ok(())
    }

    /// Passes on the last frame.
    pub(super) fn finish(&mut self) -> Result<(), TableError> {
        if self.rows > 0 { self.end_frame() } else { Ok(()) }
    }

    fn end_frame(&mut self) -> Result<(), TableError> {
        self.writer.flush().map_err(TableError::Write)?;
        self.sink.frame(self.first_row, self.rows, self.writer.get_ref()).map_err(TableError::Write)?;
        self.first_row += self.rows;
        self.rows = 0;
        let replaced = std::mem::replace(&mut self.writer, csv::Writer::from_writer(Vec::new()));
        let mut bytes = replaced.into_inner().map_err(|error| TableError::Write(error.into_error()))?;
        bytes.clear();
        self.writer = csv::Writer::from_writer(bytes);
        Ok(())
    }
}
