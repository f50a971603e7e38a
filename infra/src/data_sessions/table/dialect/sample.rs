//! The beginning of a file as text.

use encoding_rs::{Encoding, UTF_8};

use super::super::error::TableError;
use super::super::ports::Source;
use super::super::text::TextReader;

/// Bytes of a sample.
const SIZE: usize = 512 << 10;
/// Bytes of a sample of few long lines.
const LONGEST: usize = 2 << 20;
/// Lines below which a sample is extended.
const LINES: u64 = 20;

/// The beginning of a file, in UTF-8, cut at a line end.
pub(super) struct Sample {
    /// The text.
    pub(super) bytes: Vec<u8>,
    /// Whether it is the whole file.
    pub(super) complete: bool,
    /// Its line ends.
    pub(super) lines: u64,
}

impl Sample {
    /// Reads it.
    pub(super) fn read(source: &dyn Source, encoding: &'static Encoding) -> Result<Self, TableError> {
        let mut text = TextReader::new(source.open().map_err(TableError::Read)?, encoding);
        let mut bytes = Vec::new();
        let mut chunk = vec![0; 1 << 16];
        let mut lines = 0;
        loop {
            let first = bytes.is_empty();
            let length = text.fill(&mut chunk, first).map_err(|fault| fault.at(lines + 1, bytes.len() as u64))?;
            let read = chunk.get(..length).unwrap_or_default();
            bytes.extend_from_slice(read);
            lines += read.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() as u64;
            if length == 0 || (bytes.len() >= SIZE && (lines >= LINES || bytes.len() >= LONGEST)) {
                let sample = Self { bytes, complete: length == 0, lines };
                return Ok(sample.cut());
            }
        }
    }

    fn cut(mut self) -> Self {
        if !self.complete {
            let end = self.bytes.iter().rposition(|byte| matches!(byte, b'\n' | b'\r'));
            let valid = || std::str::from_utf8(&self.bytes).map_or_else(|error| error.valid_up_to(), str::len);
            self.bytes.truncate(end.map_or_else(valid, |end| end + 1));
        }
        self
    }

    /// Reads the sample as text.
    pub(super) fn text(&self) -> TextReader<'_> {
        TextReader::new(Box::new(self.bytes.as_slice()), UTF_8)
    }
}
