//! Why a training cannot be done.

use serde::{Deserialize, Serialize};

/// A training that cannot be done. Each message says what failed, the limit, and what to do.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) enum TrainError {
    /// No column has the target's name.
    #[error("The table has no column `{name}`.{near} Choose one of its columns as target.")]
    UnknownTarget {
        /// The target.
        name: String,
        /// Names that are near, as a sentence.
        near: String,
    },
    /// The share of held-out rows is out of range.
    #[error("`test_share` is {0}. It must be from 0.05 to 0.5.")]
    TestShare(f64),
    /// All values of the target are missing.
    #[error("The target `{column}` has no value in any of {rows} rows. Choose another target.")]
    EmptyTarget {
        /// The target.
        column: String,
        /// Rows of the table.
        rows: u64,
    },
    /// The target has one value only.
    #[error(
        "The target `{column}` is `{value}` in all {rows} rows that have a value, so there is nothing to predict. Choose another target."
    )]
    ConstantTarget {
        /// The target.
        column: String,
        /// Its value.
        value: String,
        /// Rows with a value.
        rows: u64,
    },
    /// Nearly each row has its own class.
    #[error(
        "The target `{column}` has {classes} different values in {rows} rows, such as `{value}`, and classes must repeat. Choose a target with \
         fewer values."
    )]
    UniqueTarget {
        /// The target.
        column: String,
        /// One of its values.
        value: String,
        /// Number of its values.
        classes: usize,
        /// Rows with a value.
        rows: u64,
    },
    /// There are too many classes.
    #[error("The target `{column}` has more than {limit} different values. Choose a target with fewer values, or a numeric one.")]
    TooManyClasses {
        /// The target.
        column: String,
        /// Greatest number of classes.
        limit: usize,
    },
    /// A class has a long text.
    #[error(
        "The target `{column}` has a text of {length} characters in row {row}, which begins with `{value}`, and a class has at most {limit}. \
         Choose a target with shorter values."
    )]
    LongClass {
        /// The target.
        column: String,
        /// The row, from 1.
        row: u64,
        /// Its beginning.
        value: String,
        /// Its length in characters.
        length: usize,
        /// Greatest length.
        limit: usize,
    },
    /// A number of the target is too large to be squared.
    #[error(
        "The target `{column}` is {value} in row {row}, and its numbers are at most {limit:e} in size. Scale the column down."
    )]
    HugeTarget {
        /// The target.
        column: String,
        /// The row, from 1.
        row: u64,
        /// The number.
        value: String,
        /// Greatest size.
        limit: f64,
    },
    /// A class has one row only.
    #[error(
        "The class `{value}` of the target `{column}` is in row {row} only. Each class needs 2 rows: remove that row, or merge the class \
         with another."
    )]
    SingleRowClass {
        /// The target.
        column: String,
        /// The class.
        value: String,
        /// The row, from 1.
        row: u64,
    },
    /// The task does not fit the target.
    #[error(
        "The target `{column}` holds {kind}, and regression needs numbers. Use `classification`, or choose a numeric target."
    )]
    NotNumeric {
        /// The target.
        column: String,
        /// What it holds.
        kind: &'static str,
    },
    /// The target is a date.
    #[error("The target `{column}` holds dates, which cannot be predicted. Choose a numeric target, or one with classes.")]
    DateTarget {
        /// The target.
        column: String,
    },
    /// There are too few rows.
    #[error("{rows} rows have a value of the target `{column}`, and a training needs {limit}. Upload more rows.")]
    TooFewRows {
        /// The target.
        column: String,
        /// Rows with a value.
        rows: u64,
        /// Least number of rows.
        limit: u64,
    },
    /// No column is usable.
    #[error("None of the {columns} other columns can be used to predict `{target}`: {reasons}.")]
    NoFeatures {
        /// The target.
        target: String,
        /// Number of other columns.
        columns: usize,
        /// Why the first of them are ignored.
        reasons: String,
    },
    /// The linear model was asked for, and has too many columns.
    #[error("The linear model was not trained: {0}. Use `forest` or `auto`.")]
    LinearSkipped(String),
    /// A cell does not fit its column.
    #[error("Row {row} of column `{column}` is `{value}`, which does not fit the column's type. Upload the table again.")]
    BadCell {
        /// The column.
        column: String,
        /// The row, from 1.
        row: u64,
        /// The cell.
        value: String,
    },
    /// The table needs too much memory.
    #[error(
        "Training on {rows} rows with {columns} columns needs about {needed} MiB of memory, and the limit is {limit} MiB. Upload fewer rows \
         or columns."
    )]
    Memory {
        /// Rows read or announced.
        rows: u64,
        /// Columns of the table.
        columns: usize,
        /// Estimated need.
        needed: u64,
        /// The limit.
        limit: u64,
    },
    /// The frames from the parent are wrong.
    #[error("The input of the training is invalid: {0}.")]
    Input(String),
    /// A fault of the program.
    #[error("The training failed because of an internal fault: {0}.")]
    Internal(String),
}

/// A failure, as the parent receives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failure {
    /// Machine-readable reason.
    pub(crate) code: String,
    /// Message for people.
    pub(crate) detail: String,
    /// The column concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) column: Option<String>,
    /// The row concerned, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) row: Option<u64>,
    /// The value concerned, cut to 40 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<String>,
}

impl TrainError {
    const fn code(&self) -> &'static str {
        match self {
            Self::UnknownTarget { .. } => "unknown_target",
            Self::TestShare(_) => "test_share_out_of_range",
            Self::EmptyTarget { .. } => "empty_target",
            Self::ConstantTarget { .. } => "constant_target",
            Self::UniqueTarget { .. } => "unique_target",
            Self::TooManyClasses { .. } => "too_many_classes",
            Self::LongClass { .. } => "long_class",
            Self::HugeTarget { .. } => "huge_target",
            Self::SingleRowClass { .. } => "single_row_class",
            Self::NotNumeric { .. } => "target_not_numeric",
            Self::DateTarget { .. } => "date_target",
            Self::TooFewRows { .. } => "too_few_rows",
            Self::NoFeatures { .. } => "no_usable_columns",
            Self::LinearSkipped(_) => "linear_skipped",
            Self::BadCell { .. } => "invalid_cell",
            Self::Memory { .. } => "memory_limit",
            Self::Input(_) => "invalid_input",
            Self::Internal(_) => "internal",
        }
    }

    /// The failure that is sent to the parent.
    #[must_use]
    pub(crate) fn failure(&self) -> Failure {
        let (column, row, value) = self.place();
        Failure { code: self.code().to_owned(), detail: self.to_string(), column: column.cloned(), row, value: value.cloned() }
    }

    fn place(&self) -> (Option<&String>, Option<u64>, Option<&String>) {
        match self {
            Self::UnknownTarget { name: column, .. }
            | Self::EmptyTarget { column, .. }
            | Self::TooManyClasses { column, .. }
            | Self::NotNumeric { column, .. }
            | Self::DateTarget { column }
            | Self::TooFewRows { column, .. }
            | Self::NoFeatures { target: column, .. } => (Some(column), None, None),
            Self::ConstantTarget { column, value, .. } | Self::UniqueTarget { column, value, .. } => {
                (Some(column), None, Some(value))
            }
            Self::SingleRowClass { column, value, row }
            | Self::BadCell { column, value, row }
            | Self::LongClass { column, value, row, .. }
            | Self::HugeTarget { column, value, row, .. } => (Some(column), Some(*row), Some(value)),
            Self::TestShare(_) | Self::LinearSkipped(_) | Self::Memory { .. } | Self::Input(_) | Self::Internal(_) => {
                (None, None, None)
            }
        }
    }
}

/// A value for a message: at most 40 characters of it.
#[must_use]
pub(super) fn cut(value: &str) -> String {
    if value.chars().count() <= 40 { value.to_owned() } else { value.chars().take(39).chain(['…']).collect() }
}
