//! Bounds on what is read, so that memory is bounded whatever the file.

/// Greatest sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Bytes of the file.
    pub(crate) bytes: u64,
    /// Columns.
    pub(crate) columns: usize,
    /// Bytes of a cell.
    pub(crate) cell: usize,
    /// Bytes of a row.
    pub(crate) row: usize,
    /// Bytes that the distinct values of all columns may take together.
    pub(crate) distinct: usize,
    /// Cells that may be absent from short rows in all.
    pub(crate) absent: u64,
    /// Bytes after which a frame of normalised rows ends.
    pub(crate) frame: usize,
    /// Warnings listed one by one.
    pub(crate) warnings: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 50 << 20,
            columns: 10_000,
            cell: 1 << 20,
            row: 2 << 20,
            distinct: 4 << 20,
            absent: 10_000_000,
            frame: 1 << 20,
            warnings: 50,
        }
    }
}
