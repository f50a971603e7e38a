//! What is shown of an uploaded table.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Type of a column, decided by all of its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    /// Whole numbers within ±2⁵³.
    Integer,
    /// Numbers with a fraction, an exponent or an infinity.
    Number,
    /// One pair of words for true and false.
    Boolean,
    /// Calendar dates.
    Date,
    /// Dates with a time of day.
    Datetime,
    /// Anything else.
    Text,
    /// No value at all.
    Empty,
}

/// A column and its statistics.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "TableColumn")]
pub struct ColumnInfo {
    /// Name, unique in the table.
    pub name: String,
    /// The name in the file; absent if it is the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original_name: Option<String>,
    /// Position in the file, from 0.
    pub position: u64,
    /// Type of the values.
    #[serde(rename = "type")]
    pub kind: ColumnType,
    /// Why it has this type. Names the row and the value if one decided it.
    pub evidence: String,
    /// Cells without a value.
    pub missing: u64,
    /// Cells that hold an infinity; absent if there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub infinite: Option<u64>,
    /// Different values, missing ones left out. An estimate unless `distinct_is_exact`.
    pub distinct: u64,
    /// Whether all values were compared.
    pub distinct_is_exact: bool,
    /// Least number; absent unless the column has finite numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum: Option<f64>,
    /// Arithmetic mean of the finite numbers; absent if there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean: Option<f64>,
    /// Greatest number; absent unless the column has finite numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum: Option<f64>,
    /// First date, as ISO 8601; absent unless the column has dates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earliest: Option<String>,
    /// Last date, as ISO 8601; absent unless the column has dates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latest: Option<String>,
    /// Most frequent values, at most 10. Each count is exact.
    /// Unless `distinct_is_exact`, a value that first occurs late in the file can be absent.
    pub top: Vec<TopValue>,
    /// Distribution of the finite numbers; absent if there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub histogram: Option<Histogram>,
}

/// A value and its frequency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TopValue {
    /// The value, cut to 100 characters.
    pub value: String,
    /// Rows that hold it.
    pub count: u64,
}

/// Counts of numbers in intervals of equal width. The last interval includes its upper end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Histogram {
    /// Lower end of the first interval.
    pub from: f64,
    /// Upper end of the last interval.
    pub to: f64,
    /// Values in each interval.
    pub counts: Vec<u64>,
}

/// Something that has to be known to read a file as a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "TableSetting")]
pub enum Setting {
    /// Character encoding.
    Encoding,
    /// Character between two cells.
    Delimiter,
    /// Character around a cell.
    Quote,
    /// Whether the first row holds names.
    Header,
    /// Character before the fraction of a number.
    Decimal,
    /// Lines left out before the table.
    SkipRows,
}

/// Where a setting comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "TableFindingSource")]
pub enum FindingSource {
    /// Detected in the file.
    Detected,
    /// Given by the caller.
    Given,
}

/// A setting that was used to read the table, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "TableFinding")]
pub struct Finding {
    /// What was found.
    pub setting: Setting,
    /// Its value, in the form in which it can be given.
    pub value: String,
    /// Detected or given.
    pub source: FindingSource,
    /// What it was concluded from.
    pub evidence: String,
}

/// Something in the file that was read, but may not be what was meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "TableWarning")]
pub struct Warning {
    /// First row concerned, from 1, the header left out; absent if it concerns no row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<u64>,
    /// Name of the column concerned; absent if it concerns none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// What was met and how it was read.
    pub detail: String,
}

/// An uploaded table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TableInfo {
    /// Rows, the header left out.
    pub rows: u64,
    /// Size of the file.
    pub bytes: u64,
    /// Its columns, in the order of the file.
    pub columns: Vec<ColumnInfo>,
    /// How the file was read.
    pub dialect: Vec<Finding>,
    /// The first warnings.
    pub warnings: Vec<Warning>,
    /// Warnings beyond those listed.
    pub warnings_omitted: u64,
}
