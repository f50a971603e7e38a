//! Types of columns: numbers, infinities, dates, booleans.

use serde_json::json;

use super::case::table;
use super::{Case, column};

const INTEGER: &[(&str, &str)] = &[("id", "integer"), ("x", "integer")];
const NUMBER: &[(&str, &str)] = &[("id", "integer"), ("x", "number")];
const BOOLEAN: &[(&str, &str)] = &[("id", "integer"), ("x", "boolean")];
const DATE: &[(&str, &str)] = &[("id", "integer"), ("x", "date")];
const TEXT: &[(&str, &str)] = &[("id", "integer"), ("x", "text")];

/// The files.
pub fn cases() -> Vec<Case> {
    [numbers(), booleans(), dates(), texts()].concat()
}

fn numbers() -> Vec<Case> {
    let long = column(&["12345678901234567890", "1"]);
    let late = format!("x\n{}five\n", "5\n".repeat(30_000));
    vec![
        table("integers of 20 digits", long)
            .columns(TEXT)
            .evidence("x", "row 1 holds `12345678901234567890`")
            .first_row(json!([0, "12345678901234567890"])),
        table("an integer beyond 2^53", column(&["1", "9007199254740993"])).columns(TEXT).evidence("x", "row 2"),
        table("the last exact integer", column(&["9007199254740992", "-2"])).columns(INTEGER),
        table("leading zeros", column(&["12", "007"])).columns(TEXT).evidence("x", "row 2 holds `007`"),
        table("a late text", late).columns(&[("x", "text")]).evidence("x", "row 30001 holds `five`"),
        table("spellings of missing", column(&["1", "", "NA", "N/A", "NaN", "nan", "null", "None", " ", "#N/A", "-", "2"]))
            .columns(INTEGER)
            .member("x", "missing", 10)
            .member("x", "distinct", 2),
        table("spellings of infinity", column(&["1.5", "inf", "-Infinity", "∞", "+INF", "2.5", "nan"]))
            .columns(NUMBER)
            .member("x", "infinite", 4)
            .member("x", "missing", 1)
            .member("x", "mean", 2.0)
            .member("x", "maximum", 2.5),
        table("numbers between quotes", "\"a\",\"b\"\n\"1\",\"2.5\"\n").columns(&[("a", "integer"), ("b", "number")]),
        table("numbers of two meanings", column(&["1,234", "5,678"])).columns(INTEGER).warning("decimal mark"),
        table("ones and zeros", column(&["1", "0"])).columns(INTEGER),
        table("no values", column(&["NA", "", "null"])).columns(&[("id", "integer"), ("x", "empty")]),
    ]
}

fn booleans() -> Vec<Case> {
    vec![
        table("booleans in English", column(&["yes", "No", "YES"])).columns(BOOLEAN).first_row(json!([0, true])),
        table("booleans in German", column(&["nein", "Ja"])).columns(BOOLEAN).first_row(json!([0, false])),
        table("booleans in French", column(&["oui", "non", ""])).columns(BOOLEAN).member("x", "missing", 1),
        table("booleans in Spanish", column(&["Sí", "no"])).columns(BOOLEAN).first_row(json!([0, true])),
        table("booleans and another word", column(&["yes", "maybe"])).columns(TEXT).evidence("x", "row 2 holds `maybe`"),
    ]
}

fn dates() -> Vec<Case> {
    vec![
        table("dates of ISO 8601", column(&["2024-02-29", "2023-12-31"])).columns(DATE).member("x", "earliest", "2023-12-31"),
        table("days before months", column(&["01/02/2024", "31/01/2024"])).columns(DATE).member("x", "earliest", "2024-01-31"),
        table("months before days", column(&["01/02/2024", "01/31/2024"]))
            .columns(DATE)
            .member("x", "earliest", "2024-01-02")
            .evidence("x", "`01/31/2024` in row 2"),
        table("dates of two meanings", column(&["01/02/2024", "03/04/2024"])).columns(DATE).warning("both day, month, year"),
        table("dates with times", column(&["2024-01-31T10:20:30Z", "2024-02-01T00:00:00Z"]))
            .columns(&[("id", "integer"), ("x", "datetime")])
            .first_row(json!([0, "2024-01-31T10:20:30Z"])),
        table("a day that does not exist", column(&["2023-02-28", "2023-02-29"])).columns(TEXT).evidence("x", "`2023-02-29`"),
    ]
}

fn texts() -> Vec<Case> {
    vec![
        table("formulas", column(&["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0"])).columns(TEXT).first_row(json!([0, "=1+1"])),
        table("control characters in a text", "a,b\n1,x\u{7}y\n2,z\n").rows(2).warning("control characters"),
        table("markup", column(&["<script>alert(1)</script>", "&amp;"]))
            .columns(TEXT)
            .first_row(json!([0, "<script>alert(1)</script>"])),
        table("a placeholder among texts", column(&["none", "-", "high school"])).columns(TEXT).member("x", "missing", 0),
    ]
}
