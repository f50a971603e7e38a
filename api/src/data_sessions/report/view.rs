//! What the templates show beyond the views of the domain: a bounded part of the columns, and totals.

use std::cmp::Reverse;

use domain::data_sessions::{ColumnInfo, ColumnType, DataSession, Finding, TableInfo, Training, Warning};
use serde::Serialize;

/// Columns that are described in detail.
pub(super) const DETAILED_COLUMNS: usize = 200;
/// Columns in the plot of missing values.
const PLOTTED_COLUMNS: usize = 20;

/// The context of the page's template.
#[derive(Serialize)]
pub(super) struct PageView<'a> {
    session: &'a DataSession,
    table: Option<TableView<'a>>,
    training: Option<&'a Training>,
}

#[derive(Serialize)]
struct TableView<'a> {
    rows: u64,
    bytes: u64,
    dialect: &'a [Finding],
    warnings: &'a [Warning],
    warnings_omitted: u64,
    /// Those described in detail.
    columns: &'a [ColumnInfo],
    columns_total: usize,
    types: Vec<TypeCount>,
    missing: MissingView<'a>,
}

#[derive(Serialize)]
struct TypeCount {
    #[serde(rename = "type")]
    kind: ColumnType,
    columns: usize,
}

#[derive(Serialize)]
struct MissingView<'a> {
    /// Missing cells of all columns.
    cells: u64,
    cells_total: u64,
    /// The columns with most missing cells.
    columns: Vec<MissingColumn<'a>>,
    columns_omitted: usize,
}

#[derive(Serialize)]
struct MissingColumn<'a> {
    name: &'a str,
    missing: u64,
    /// The number of its description; absent if it has none.
    detail: Option<usize>,
}

impl<'a> PageView<'a> {
    pub(super) fn of(session: &'a DataSession, info: Option<&'a TableInfo>, training: Option<&'a Training>) -> Self {
        Self { session, table: info.map(TableView::of), training }
    }
}

impl<'a> TableView<'a> {
    fn of(info: &'a TableInfo) -> Self {
        Self {
            rows: info.rows,
            bytes: info.bytes,
            dialect: &info.dialect,
            warnings: &info.warnings,
            warnings_omitted: info.warnings_omitted,
            columns: &info.columns[..info.columns.len().min(DETAILED_COLUMNS)],
            columns_total: info.columns.len(),
            types: type_counts(&info.columns),
            missing: MissingView::of(info),
        }
    }
}

impl<'a> MissingView<'a> {
    fn of(info: &'a TableInfo) -> Self {
        let mut ranked: Vec<_> = info.columns.iter().enumerate().filter(|(_, column)| column.missing > 0).collect();
        ranked.sort_by_key(|(_, column)| Reverse(column.missing));
        let plotted = ranked.iter().take(PLOTTED_COLUMNS);
        Self {
            cells: ranked.iter().map(|(_, column)| column.missing).sum(),
            cells_total: info.rows.saturating_mul(info.columns.len() as u64),
            columns: plotted.map(|(number, column)| MissingColumn::of(*number, column)).collect(),
            columns_omitted: ranked.len().saturating_sub(PLOTTED_COLUMNS),
        }
    }
}

impl<'a> MissingColumn<'a> {
    fn of(number: usize, column: &'a ColumnInfo) -> Self {
        Self { name: &column.name, missing: column.missing, detail: (number < DETAILED_COLUMNS).then_some(number) }
    }
}

/// The number of columns of each type that occurs.
fn type_counts(columns: &[ColumnInfo]) -> Vec<TypeCount> {
    use ColumnType::{Boolean, Date, Datetime, Empty, Integer, Number, Text};
    let all = [Integer, Number, Boolean, Date, Datetime, Text, Empty];
    let count = |kind| columns.iter().filter(|column| column.kind == kind).count();
    all.into_iter().map(|kind| TypeCount { kind, columns: count(kind) }).filter(|found| found.columns > 0).collect()
}
