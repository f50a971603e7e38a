//! Examples for the document.

use domain::data_sessions::{Cleanup, CreatedDataSession, DataSession, Predictions, Preview, TableInfo, Training};
use serde_json::{Value, json};

use crate::http::reply::ResponseBody;

impl ResponseBody for DataSession {
    fn example() -> Value {
        json!({
            "id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D", "anonymous": true, "created_at": "2027-01-31T10:00:00Z",
            "expires_at": "2027-01-31T11:05:00Z", "ends_at": "2027-02-01T10:00:00Z",
            "table": {"rows": 344, "columns": 8, "bytes": 15_241, "uploaded_at": "2027-01-31T10:01:00Z"},
            "model": {"target": "species", "bytes": 48_120, "trained_at": "2027-01-31T10:05:00Z"},
        })
    }
}

impl ResponseBody for CreatedDataSession {
    fn example() -> Value {
        let mut session = DataSession::example();
        session["secret"] = "3f1c9a0e5b7d2846c0e1f2a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7".into();
        session
    }
}

impl ResponseBody for TableInfo {
    fn example() -> Value {
        json!({
            "rows": 344, "bytes": 15_241,
            "columns": [
                {
                    "name": "body_mass", "original_name": "body mass", "position": 5, "type": "number",
                    "evidence": "row 4 holds 3750.5", "missing": 2, "infinite": 0, "distinct": 94, "distinct_is_exact": true,
                    "minimum": 2700.0, "mean": 4201.75, "maximum": 6300.0, "top": [{"value": "3800", "count": 12}],
                    "histogram": {"from": 2700.0, "to": 6300.0, "counts": [103, 141, 70, 28]},
                },
                {
                    "name": "date", "position": 6, "type": "date", "evidence": "all 344 values are dates", "missing": 0,
                    "distinct": 50, "distinct_is_exact": true, "earliest": "2007-11-11", "latest": "2009-12-01", "top": [],
                },
            ],
            "dialect": [
                {"setting": "delimiter", "value": "comma", "source": "detected", "evidence": "345 of 345 rows have 8 cells"},
            ],
            "warnings": [{"row": 12, "column": "sex", "detail": "the row has 7 cells of 8; the rest is missing"}],
            "warnings_omitted": 0,
        })
    }
}

impl ResponseBody for Preview {
    fn example() -> Value {
        json!({
            "view": "processed", "offset": 0, "total_rows": 344, "columns": ["species", "body_mass"],
            "rows": [{"row": 1, "cells": ["Adelie", 3750.5]}, {"row": 2, "cells": ["Adelie", null]}],
        })
    }
}

impl ResponseBody for Training {
    fn example() -> Value {
        let metrics = json!({
            "r2": 0.87, "mae": 250.5, "rmse": 310.25, "accuracy": 0.97, "balanced_accuracy": 0.96, "log_loss": 0.1,
        });
        json!({
            "job_id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6E", "state": "succeeded", "error": "a dependency is unavailable",
            "request": {"target": "species", "task": "classification", "model": "auto", "test_share": 0.2, "seed": 7},
            "progress": 1.0, "phase": "done", "trees": 100, "of": 100, "held_out_error": 0.03,
            "result": {
                "target": "species", "task": "classification", "task_evidence": "the target is text with 3 values",
                "model": "forest", "model_reason": "its accuracy on 68 held-out rows is higher: 0.97 against 0.96",
                "candidates": [{"model": "forest", "metrics": metrics, "detail": "100 trees"}],
                "rows": {"total": 344, "dropped": 1, "train": 275, "test": 68}, "columns": 6,
                "metrics": metrics, "baseline": metrics,
                "confusion": {"classes": ["Adelie", "Gentoo"], "counts": [[30, 1], [0, 37]]},
                "error_by_step": [{"trees": 5, "error": 0.06}],
                "importance": [{"column": "bill_length", "importance": 0.31}],
                "balance": {
                    "classes": [{"class": "Adelie", "rows": 152}], "classes_omitted": 0,
                    "histogram": {"from": 0.0, "to": 10.0, "counts": [3, 9]},
                },
                "notes": [{"column": "id", "detail": "is different in each row, so it is not used"}], "notes_omitted": 0,
                "seed": 7, "model_bytes": 48_120,
            },
        })
    }
}

impl ResponseBody for Predictions {
    fn example() -> Value {
        json!({
            "target": "species",
            "items": [{
                "prediction": "Adelie", "probabilities": [{"class": "Adelie", "probability": 0.98}],
                "notes": ["`island` is `Hawaii`, which the training rows do not have"],
            }],
        })
    }
}

impl ResponseBody for Cleanup {
    fn example() -> Value {
        json!({"sessions": 3, "bytes": 45_120, "orphaned_files": 0})
    }
}
