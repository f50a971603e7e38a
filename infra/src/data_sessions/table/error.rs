//! Reasons to refuse a file, and where in it.

use std::fmt;

/// Characters of a value that are repeated in an error or a warning.
const SHOWN: usize = 40;

/// A position in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// Row from 1, the header left out; 0 for the header and what is before it.
    pub(crate) row: u64,
    /// Line of the file from 1, in which the row begins.
    pub(crate) line: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.row {
            0 => write!(f, "line {}", self.line),
            row => write!(f, "row {row} (line {})", self.line),
        }
    }
}

/// Why a file is not read as a table.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum TableError {
    /// It begins like a file of another kind.
    #[error("The file is {kind}, not a text with delimiters. {advice}")]
    OtherKind {
        /// What it is.
        kind: &'static str,
        /// What to do.
        advice: &'static str,
    },
    /// It holds a NUL and is not UTF-16.
    #[error(
        "The file holds a NUL byte at offset {offset} (line {line}): it is binary or damaged. Export it again as CSV in UTF-8."
    )]
    Nul {
        /// Bytes before it.
        offset: u64,
        /// Line from 1.
        line: u64,
    },
    /// Too many of its bytes are control characters.
    #[error("{count} of the first {of} bytes are control characters: the file is not text. Export it as CSV in UTF-8.")]
    ControlCharacters {
        /// Control characters.
        count: u64,
        /// Bytes looked at.
        of: u64,
    },
    /// Most of it is UTF-8, but not all of it.
    #[error(
        "The file is UTF-8 ({valid} characters beyond ASCII), but byte 0x{byte:02X} at offset {offset} (line {line}) is not, \
         and {invalid} places in all. Save it again as UTF-8, or send the encoding, such as `encoding=windows-1252`."
    )]
    MixedEncoding {
        /// Bytes before the first stray byte.
        offset: u64,
        /// Line from 1.
        line: u64,
        /// The stray byte.
        byte: u8,
        /// Characters that are valid UTF-8 beyond ASCII.
        valid: u64,
        /// Places that are not UTF-8.
        invalid: u64,
    },
    /// A byte does not belong to the encoding.
    #[error("The text near line {line} is not valid {encoding}. Send another `encoding`, or save the file again as UTF-8.")]
    InvalidText {
        /// Name of the encoding.
        encoding: &'static str,
        /// Line from 1.
        line: u64,
    },
    /// It has no bytes.
    #[error("The file is empty. Upload a table with a header or at least one row.")]
    Empty,
    /// It has no cell with a value.
    #[error("The file holds only blank lines, comments or empty cells. Upload a table with a header or at least one row.")]
    Blank,
    /// It is too big.
    #[error("The file exceeds {limit} bytes. Upload fewer rows or columns.")]
    TooManyBytes {
        /// Greatest size.
        limit: u64,
    },
    /// A row has too many cells.
    #[error("In {place}, a row has more than {limit} columns. Send the `delimiter` or `quote` if they were detected wrongly.")]
    TooManyColumns {
        /// The row.
        place: Place,
        /// Greatest number of columns.
        limit: usize,
    },
    /// A cell is too long.
    #[error("In {place}, column {column}, a cell exceeds {limit} bytes and begins with `{value}`. {advice}")]
    CellTooLong {
        /// The row.
        place: Place,
        /// Column from 1.
        column: usize,
        /// Greatest length in bytes.
        limit: usize,
        /// Its beginning.
        value: String,
        /// What to do.
        advice: &'static str,
    },
    /// A row is too long.
    #[error("In {place}, a row exceeds {limit} bytes. Line ends may be missing, or a quote may not be closed.")]
    RowTooLong {
        /// The row.
        place: Place,
        /// Greatest length in bytes.
        limit: usize,
    },
    /// A quote is open at the end of the file.
    #[error(
        "The quote that opens in {place}, column {column}, before `{value}`, is never closed. \
         Close it, or send `quote=none` if quotes are ordinary characters."
    )]
    UnterminatedQuote {
        /// The row in which it opens.
        place: Place,
        /// Column from 1.
        column: usize,
        /// What follows it.
        value: String,
    },
    /// A row has more cells than there are columns, and they hold values.
    #[error(
        "In {place}, {found} cells were found where {expected} are expected; the first one too many holds `{value}`. \
         Quote cells that hold the delimiter, or send `delimiter`, `quote` or `skip_rows`."
    )]
    LongRow {
        /// The row.
        place: Place,
        /// Its cells.
        found: usize,
        /// Columns.
        expected: usize,
        /// Value of the first surplus cell that is not empty.
        value: String,
    },
    /// A row has fewer cells than there are columns, and spaces are the delimiter: which ones are absent is unknown.
    #[error(
        "In {place}, {found} cells were found where {expected} are expected. With spaces as delimiter the position of an \
         absent cell is unknown: write `NA` there, or use another delimiter."
    )]
    ShortRow {
        /// The row.
        place: Place,
        /// Its cells.
        found: usize,
        /// Columns.
        expected: usize,
    },
    /// Short rows would multiply the size of the file.
    #[error(
        "In {place}, the cells absent from short rows exceed {limit}. Send `delimiter` or `skip_rows` if the header is wrong."
    )]
    TooManyAbsentCells {
        /// The row.
        place: Place,
        /// Greatest number of absent cells.
        limit: u64,
    },
    /// A setting has a value that it cannot have.
    #[error("`{setting}` cannot be `{value}`. Send {allowed}.")]
    Setting {
        /// Name of the setting.
        setting: &'static str,
        /// What was given.
        value: String,
        /// What can be given.
        allowed: &'static str,
    },
    /// The stored file could not be read.
    #[error("the stored table could not be read")]
    Read(#[source] std::io::Error),
    /// The normalised rows could not be stored.
    #[error("the normalised rows could not be stored")]
    Write(#[source] std::io::Error),
}

/// The beginning of a value, on one line, for an error or a warning.
pub(super) fn shorten(text: &str) -> String {
    shorten_to(text, SHOWN)
}

/// The first `limit` characters of a value, without control characters.
pub(super) fn shorten_to(text: &str, limit: usize) -> String {
    let mut shown: String = text.chars().take(limit).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(limit).is_some() {
        shown.push('…');
    }
    shown
}
