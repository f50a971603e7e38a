//! What an uploader states instead of leaving it to detection.

/// Settings of a table that are not detected. They are parsed with the table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableOverrides {
    /// The character encoding, by a name of the Encoding Standard.
    pub encoding: Option<String>,
    /// The character between two cells, or its name.
    pub delimiter: Option<String>,
    /// The character around a cell.
    pub quote: Option<String>,
    /// Whether the first row has names.
    pub header: Option<bool>,
    /// The character before the fraction of a number.
    pub decimal: Option<String>,
    /// Lines before the table.
    pub skip_rows: Option<u32>,
}
