use domain::data_sessions::{ColumnInfo, Histogram, TableInfo, TopValue};
use serde_json::json;

use super::samples::{classification, regression, session, table, table_of, used_session};
use super::{assert_shows, checked};

/// A column with the longest texts and the most values.
fn large_column(position: usize) -> ColumnInfo {
    let top = (0..10).map(|index| TopValue { value: format!("{index}{}", "<".repeat(99)), count: 20 - index });
    ColumnInfo {
        name: format!("{position}{}", "&".repeat(190)),
        original_name: Some("\"".repeat(1000)),
        position: position as u64,
        missing: position as u64 % 50,
        top: top.collect(),
        histogram: Some(Histogram { from: -1e-9, to: 1e-9, counts: vec![1234; 20] }),
        ..table().columns[0].clone()
    }
}

#[test]
fn ten_thousand_columns_give_a_small_page() {
    let info = TableInfo { columns: (0..10_000).map(large_column).collect(), ..table() };
    let page = checked(&used_session(), Some(&info), Some(&classification()));
    let parts =
        ["Columns10,000", "The first 200 columns are described; 9,800 are left out.", "9,780 more columns have missing values."];
    assert_shows(&page, &parts);
    assert!(page.len() < 4_000_000, "{}", page.len());
    assert_eq!(page.matches("<article").count(), 200);
}

#[test]
fn a_table_without_rows_or_columns() {
    let empty = json!({
        "name": "a", "position": 0, "type": "empty", "evidence": "no cell holds a value", "missing": 0, "distinct": 0,
        "distinct_is_exact": true, "top": [],
    });
    let page = checked(&used_session(), Some(&table_of(0, empty)), None);
    assert_shows(&page, &["Rows0", "Missing values0 %", "No values are missing.", "1 column: 1 with no values."]);
    let page = checked(&used_session(), Some(&TableInfo { rows: 0, columns: Vec::new(), ..table() }), None);
    assert_shows(&page, &["The table has no columns."]);
}

#[test]
fn a_column_without_values() {
    let missing = json!({
        "name": "a", "position": 0, "type": "empty", "evidence": "no cell holds a value", "missing": 7, "distinct": 0,
        "distinct_is_exact": true, "top": [],
    });
    assert_shows(&checked(&used_session(), Some(&table_of(7, missing)), None), &["Missing7 (100 %)", "7100 %"]);
}

#[test]
fn a_constant_column() {
    let constant = json!({
        "name": "a", "position": 0, "type": "integer", "evidence": "all 7 values are whole numbers", "missing": 0, "distinct": 1,
        "distinct_is_exact": true, "minimum": 5.0, "mean": 5.0, "maximum": 5.0, "top": [{"value": "5", "count": 7}],
        "histogram": {"from": 5.0, "to": 5.0, "counts": [7]},
    });
    let page = checked(&used_session(), Some(&table_of(7, constant)), None);
    assert!(!page.contains("class=\"histogram\"") && page.contains("aria-label=\"100 %\""));
}

#[test]
fn numbers_that_are_not_finite_have_finite_plots() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, -f64::MAX, f64::MIN_POSITIVE] {
        let mut info = table();
        let column = &mut info.columns[0];
        (column.minimum, column.mean, column.maximum) = (Some(value), Some(value), Some(value));
        column.histogram = Some(Histogram { from: -value, to: value, counts: vec![0, u64::MAX] });
        let mut training = regression();
        training.report.progress.progress = value;
        let result = training.report.result.as_mut().unwrap();
        result.metrics.mae = Some(value);
        result.error_by_step.iter_mut().for_each(|step| step.error = value);
        result.importance = classification().report.result.unwrap().importance;
        result.importance[0].importance = value;
        let page = checked(&session(), Some(&info), Some(&training));
        assert!(!page.contains("NaN") && !page.contains("inf ") && !page.contains(">inf"), "{value}");
    }
}
