//! Tables in all shapes, from bytes to the description and back.

mod corpus;
mod dialects;
mod encodings;
mod limits;
mod properties;
mod refusals;
mod types;

use std::io::{self, Read};

use super::views::{ColumnInfo, ColumnType, Setting};
use super::{Analysis, FrameSink, Limits, OverrideTexts, Overrides, Probe, Source, TableError, analyse};

/// A file in memory that is read in pieces.
struct Pieces {
    bytes: Vec<u8>,
    size: usize,
}

impl Source for Pieces {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(Piecewise { rest: &self.bytes, size: self.size }))
    }
}

struct Piecewise<'a> {
    rest: &'a [u8],
    size: usize,
}

impl Read for Piecewise<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.size.min(buffer.len());
        self.rest.read(&mut buffer[..count])
    }
}

/// Frames put together again.
#[derive(Default)]
struct Collected {
    rows: u64,
    csv: Vec<u8>,
}

impl FrameSink for Collected {
    fn frame(&mut self, first_row: u64, rows: u64, csv: &[u8]) -> io::Result<()> {
        assert_eq!(first_row, self.rows, "frames have gaps");
        self.rows += rows;
        self.csv.extend_from_slice(csv);
        Ok(())
    }
}

/// A table that was read.
struct Table {
    analysis: Analysis,
    rows: Vec<Vec<String>>,
}

impl Table {
    fn column(&self, name: &str) -> &ColumnInfo {
        let columns = &self.analysis.info.columns;
        columns.iter().find(|column| column.name == name).unwrap_or_else(|| panic!("no column {name:?} in {:?}", self.names()))
    }

    fn names(&self) -> Vec<&str> {
        self.analysis.info.columns.iter().map(|column| column.name.as_str()).collect()
    }

    fn kinds(&self) -> Vec<ColumnType> {
        self.analysis.info.columns.iter().map(|column| column.kind).collect()
    }

    fn setting(&self, setting: Setting) -> &str {
        self.analysis.info.dialect.iter().find(|finding| finding.setting == setting).map_or("", |finding| finding.value.as_str())
    }

    fn warned(&self, part: &str) -> bool {
        self.analysis.info.warnings.iter().any(|warning| warning.detail.contains(part))
    }
}

fn read_with(bytes: &[u8], texts: OverrideTexts<'_>, limits: Limits, size: usize) -> Result<Table, TableError> {
    let given = Overrides::parse(texts)?;
    let mut probe = Probe::new();
    for piece in bytes.chunks(size) {
        probe.feed(piece)?;
    }
    let probed = probe.finish()?;
    let mut collected = Collected::default();
    let analysis = analyse(&Pieces { bytes: bytes.to_vec(), size }, &probed, &given, limits, &mut collected)?;
    assert_eq!(analysis.info.rows, collected.rows);
    assert_eq!(analysis.info.columns.len(), analysis.formats.columns.len());
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(collected.csv.as_slice());
    let rows = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
    Ok(Table { analysis, rows })
}

fn given(bytes: impl AsRef<[u8]>, texts: OverrideTexts<'_>) -> Result<Table, TableError> {
    read_with(bytes.as_ref(), texts, Limits::default(), 65_536)
}

/// Reads a table whole and byte by byte; the results are equal.
fn read(bytes: impl AsRef<[u8]>) -> Table {
    let whole = given(bytes.as_ref(), OverrideTexts::default()).unwrap();
    if bytes.as_ref().len() < 20_000 {
        let pieces = read_with(bytes.as_ref(), OverrideTexts::default(), Limits::default(), 1).unwrap();
        assert_eq!(whole.analysis, pieces.analysis);
        assert_eq!(whole.rows, pieces.rows);
    }
    whole
}

fn refusal(bytes: impl AsRef<[u8]>) -> TableError {
    match given(bytes, OverrideTexts::default()) {
        Ok(read) => panic!("read as {:?} {:?}", read.names(), read.rows),
        Err(error) => error,
    }
}

fn utf16(text: &str, big: bool) -> Vec<u8> {
    text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}
