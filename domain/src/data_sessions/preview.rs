//! Rows of a table, as uploaded or as understood.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Maximum number of rows of a preview.
pub const MAX_PREVIEW_ROWS: u64 = 100;

/// How the cells of a preview are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PreviewView {
    /// The text of the file.
    Raw,
    /// The value in the type of the column; null if it is missing.
    Processed,
}

/// Which rows are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PreviewPage {
    /// How cells are shown.
    pub view: PreviewView,
    /// The number of rows before the first one.
    pub offset: u64,
    /// Maximum number of rows, 1 to [`MAX_PREVIEW_ROWS`].
    pub limit: u64,
}

/// Rows of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "DataPreview")]
pub struct Preview {
    /// How cells are shown.
    pub view: PreviewView,
    /// The number of rows before the first one.
    pub offset: u64,
    /// The number of rows of the table.
    pub total_rows: u64,
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The rows. Each has a cell for each column. A page of many columns has fewer rows than asked for.
    pub rows: Vec<PreviewRow>,
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PreviewRow {
    /// The number of the row in the table, from 1.
    pub row: u64,
    /// Its cells. A text is cut to 500 characters.
    pub cells: Vec<Value>,
}
