//! Sessions, tables and trainings to show.

use domain::data_sessions::{ColumnInfo, DataSession, TableInfo, Training};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

fn parsed<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

pub(super) fn session() -> DataSession {
    parsed(json!({
        "id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D", "anonymous": true, "created_at": "2027-01-31T10:00:00Z",
        "expires_at": "2027-01-31T11:05:00Z", "ends_at": "2027-02-01T10:00:00Z",
    }))
}

/// A session with a table and a model.
pub(super) fn used_session() -> DataSession {
    let table = json!({"rows": 344, "columns": 2, "bytes": 15_241, "uploaded_at": "2027-01-31T10:01:00Z"});
    let model = json!({"target": "species", "bytes": 48_120, "trained_at": "2027-01-31T10:05:00Z"});
    DataSession { table: parsed(table), model: parsed(model), ..session() }
}

pub(super) fn table() -> TableInfo {
    parsed(json!({
        "rows": 344, "bytes": 15_241,
        "columns": [
            {
                "name": "body_mass", "original_name": "body mass", "position": 0, "type": "number",
                "evidence": "row 4 holds `3750.5`", "missing": 2, "infinite": 1, "distinct": 94, "distinct_is_exact": false,
                "minimum": 2700.0, "mean": 4201.75, "maximum": 6300.0,
                "top": [{"value": "3800", "count": 12}, {"value": "", "count": 3}],
                "histogram": {"from": 2700.0, "to": 6300.0, "counts": [103, 141, 70, 28]},
            },
            {
                "name": "date", "position": 1, "type": "date", "evidence": "all 344 values are dates", "missing": 0,
                "distinct": 344, "distinct_is_exact": true, "earliest": "2007-11-11", "latest": "2009-12-01",
                "top": [{"value": "2007-11-11", "count": 1}],
            },
        ],
        "dialect": [
            {"setting": "delimiter", "value": "comma", "source": "detected", "evidence": "345 of 345 rows have 8 cells"},
            {"setting": "skip_rows", "value": "2", "source": "given", "evidence": "it was given"},
        ],
        "warnings": [
            {"row": 12, "column": "date", "detail": "the row has 7 cells of 8"}, {"row": 13, "detail": "a"},
            {"column": "date", "detail": "b"}, {"detail": "c"},
        ],
        "warnings_omitted": 3,
    }))
}

/// A table of this column only.
pub(super) fn table_of(rows: u64, column: Value) -> TableInfo {
    let column: ColumnInfo = parsed(column);
    TableInfo { rows, columns: vec![column], ..table() }
}

/// A training without a result.
pub(super) fn training(state: &str, members: Value) -> Training {
    let mut training = json!({
        "job_id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6E", "state": state,
        "request": {"target": "species", "model": "auto", "test_share": 0.2, "seed": 7},
        "progress": 0.0, "phase": "waiting",
    });
    training.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    parsed(training)
}

pub(super) fn classification() -> Training {
    let metrics = json!({"accuracy": 0.970_588, "balanced_accuracy": 0.96, "log_loss": 0.1});
    let baseline = json!({"accuracy": 0.441, "balanced_accuracy": 0.333_333, "log_loss": 1.05});
    done(json!({
        "target": "species", "task": "classification", "task_evidence": "`species` holds 3 different texts",
        "model": "forest", "model_reason": "The forest is better.",
        "candidates": [
            {"model": "linear", "detail": "Not trained: it would have too many columns."},
            {"model": "forest", "metrics": metrics, "detail": "100 of 100 trees"},
        ],
        "metrics": metrics, "baseline": baseline,
        "confusion": {"classes": ["Adelie", "Gentoo", "none"], "counts": [[30, 1, 0], [2, 35, 0], [0, 0, 0]]},
        "importance": [{"column": "bill_length", "importance": 0.31}, {"column": "noise", "importance": -0.002}],
        "balance": {"classes": [{"class": "Adelie", "rows": 152}, {"class": "Gentoo", "rows": 124}], "classes_omitted": 2},
    }))
}

pub(super) fn regression() -> Training {
    let metrics = json!({"r2": 0.8844, "mae": 221.3, "rmse": 273.9});
    done(json!({
        "target": "body_mass", "task": "regression", "task_evidence": "it was asked for",
        "model": "linear", "model_reason": "The linear model is better.",
        "candidates": [
            {"model": "linear", "metrics": metrics, "detail": "54 columns"},
            {"model": "forest", "metrics": {"r2": 0.86, "mae": 229.0, "rmse": 300.8}, "detail": "100 of 100 trees"},
        ],
        "metrics": metrics, "baseline": {"r2": -0.003, "mae": 675.9, "rmse": 806.7},
        "importance": [], "balance": {"classes": [], "classes_omitted": 0, "histogram": {"from": 0.0, "to": 10.0, "counts": [3, 9]}},
    }))
}

/// A training with this result.
fn done(members: Value) -> Training {
    let mut result = json!({
        "rows": {"total": 344, "dropped": 1, "train": 275, "test": 68}, "columns": 6,
        "error_by_step": [{"trees": 1, "error": 0.3}, {"trees": 50, "error": 0.1}, {"trees": 100, "error": 0.05}],
        "notes": [{"column": "id", "detail": "Not used."}, {"detail": "Few rows."}], "notes_omitted": 4,
        "seed": 7, "model_bytes": 48_120,
    });
    result.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    training("succeeded", json!({"progress": 1.0, "phase": "done", "result": result}))
}
