//! Where the bytes are read from and the normalised rows are written to.

use std::io::{self, Read};

/// A stored file that can be read more than once.
pub(crate) trait Source {
    /// Opens it at its beginning.
    ///
    /// # Errors
    /// The store cannot be read.
    fn open(&self) -> io::Result<Box<dyn Read + '_>>;
}

/// Stores the normalised rows.
pub(crate) trait FrameSink {
    /// Stores whole rows as CSV in UTF-8: commas, quotes where needed, `\n`, no header.
    /// `first_row` counts from 0. Frames arrive in order and without gaps.
    ///
    /// # Errors
    /// The store cannot be written.
    fn frame(&mut self, first_row: u64, rows: u64, csv: &[u8]) -> io::Result<()>;
}
