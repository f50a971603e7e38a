//! From a stored file to its description and its normalised rows: a sample, a pass for the types, a pass for the statistics.

use serde::{Deserialize, Serialize};

use super::cell::ColumnFormat;
use super::decide::{self, Columns};
use super::dialect::{self, Dialect};
use super::error::TableError;
use super::frames::FrameWriter;
use super::limits::Limits;
use super::notices::Notices;
use super::overrides::Overrides;
use super::ports::{FrameSink, Source};
use super::probe::Probed;
use super::reader::TableReader;
use super::scan;
use super::statistics::{ColumnStatistics, Detail, DistinctPool};
use super::views::{ColumnInfo, TableInfo};

/// How the cells of each column are read, in the order of the columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Formats {
    /// One for each column.
    pub(crate) columns: Vec<ColumnFormat>,
}

/// What was found out about a table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Analysis {
    /// What is shown.
    pub(crate) info: TableInfo,
    /// What is needed to read its cells again.
    pub(crate) formats: Formats,
}

/// Describes a table and writes its rows normalised. Reads the file three times, the first time only its beginning.
///
/// # Errors
/// The file is refused; the error names row, column and value where one caused it. Frames may have been written before.
pub(crate) fn analyse(
    source: &dyn Source,
    probed: &Probed,
    given: &Overrides,
    limits: Limits,
    sink: &mut dyn FrameSink,
) -> Result<Analysis, TableError> {
    if probed.bytes > limits.bytes {
        return Err(TableError::TooManyBytes { limit: limits.bytes });
    }
    let mut dialect = dialect::detect(source, probed, given, limits)?;
    let mut notices = Notices::new(limits.warnings);
    let scanned = scan::scan(source, &dialect, limits, &mut notices)?;
    let columns = decide::decide(scanned, &mut dialect, given, &mut notices);
    let (rows, columns, formats) = describe(source, &dialect, columns, limits, sink)?;
    let info = TableInfo {
        rows,
        bytes: probed.bytes,
        columns,
        dialect: dialect.findings,
        warnings: notices.listed,
        warnings_omitted: notices.omitted,
    };
    Ok(Analysis { info, formats: Formats { columns: formats } })
}

/// The last pass: the number of rows and the columns.
fn describe(
    source: &dyn Source,
    dialect: &Dialect,
    columns: Columns,
    limits: Limits,
    sink: &mut dyn FrameSink,
) -> Result<(u64, Vec<ColumnInfo>, Vec<ColumnFormat>), TableError> {
    let Columns { outlines, formats, ranges } = columns;
    let detail = Detail::of(formats.len());
    let mut statistics = ranges.into_iter().map(|range| ColumnStatistics::new(range, detail)).collect::<Vec<_>>();
    let reader = TableReader::open(source, dialect, limits)?;
    let rows = read_rows(reader, dialect, &formats, &mut statistics, limits, sink)?;
    let parts = (0..).zip(outlines).zip(statistics).zip(&formats);
    let infos = parts.map(|(((position, outline), column), format)| {
        let mut info = outline.into_info(position, format.kind);
        column.describe(format, rows, detail, &mut info);
        info
    });
    Ok((rows, infos.collect(), formats))
}

/// Adds all rows to the statistics and to the frames; how many there are.
fn read_rows(
    mut reader: TableReader<'_>,
    dialect: &Dialect,
    formats: &[ColumnFormat],
    statistics: &mut [ColumnStatistics],
    limits: Limits,
    sink: &mut dyn FrameSink,
) -> Result<u64, TableError> {
    let mut pool = DistinctPool::new(limits.distinct, formats.len());
    let mut frames = FrameWriter::new(sink, limits.frame, formats.len());
    if dialect.header {
        reader.next()?;
    }
    reader.width = dialect.width;
    let mut rows = 0;
    while let Some(line) = reader.next()? {
        rows += 1;
        for ((column, format), cell) in statistics.iter_mut().zip(formats).zip(line.cells()) {
            column.add(format, cell, &mut pool);
        }
        frames.write(line.cells(), line.text.len())?;
        relieve(&mut pool, statistics);
    }
    frames.finish()?;
    Ok(rows)
}

/// Samples the columns that use most memory until the pool suffices.
fn relieve(pool: &mut DistinctPool, statistics: &mut [ColumnStatistics]) {
    while pool.is_exhausted() {
        let Some(greatest) = statistics.iter_mut().max_by_key(|column| column.distinct().bytes()) else { return };
        greatest.distinct_mut().degrade(pool);
    }
}
