//! Rows of different lengths, names of columns, and sizes.

use super::Case;
use super::case::{refused, table};

/// A header with so many names, and two rows.
fn wide(columns: usize) -> String {
    let names: Vec<String> = (0..columns).map(|column| format!("c{column}")).collect();
    let row = vec!["1"; columns].join(",");
    format!("{}\n{row}\n{row}\n", names.join(","))
}

/// The files.
pub fn cases() -> Vec<Case> {
    const RENAMED: &[(&str, &str)] = &[
        ("a", "integer"),
        ("a_3", "integer"),
        ("a_2", "integer"),
        ("column_4_2", "integer"),
        ("column_4", "integer"),
        ("b", "integer"),
        ("c d", "integer"),
        ("a_4", "integer"),
    ];
    const EMPTY: &[(&str, &str)] = &[("a", "empty"), ("b", "empty"), ("c", "empty")];
    let short = "a,b,c\n1,2,3\n4\n5,6\n";
    let long = "a,b\n1,2\n\n1,2,,\n3,4,,surplus\n";
    let names = "a,a,a_2,,column_4, b ,\"c\nd\",a\n1,2,3,4,5,6,7,8\n";
    let large = "x".repeat(1 << 20);
    vec![
        table("short rows", short)
            .rows(3)
            .member("b", "missing", 1)
            .member("c", "missing", 2)
            .warning("fewer cells")
            .warning("2, 3"),
        table("rows with empty cells at their end", "a,b\n1,2,,\n3,4\n").rows(2).warning("empty cells beyond the last column"),
        refused("long rows", long, &["row 3 (line 5)", "4 cells", "2 are expected", "`surplus`"]),
        table("names that are empty, double or collide after renaming", names)
            .columns(RENAMED)
            .warning("renamed")
            .member("a_3", "original_name", "a")
            .member("c d", "original_name", "c\nd"),
        table("a header only", "a,b,c\n").columns(EMPTY).rows(0),
        table("a header without an end of line", "a,b,c").columns(EMPTY).rows(0),
        table("rows of delimiters", "a,b\n1,2\n,\n,\n").rows(3).member("a", "missing", 2),
        refused("no bytes", "", &["empty"]),
        refused("blank lines", "\n \n\n", &["blank lines"]),
        refused("delimiters only", ",,\n,,\n", &["empty cells"]),
        refused("10,001 columns", wide(10_001), &["10000 columns", "line 1"]),
        refused("short rows that multiply the file", wide(5000) + &"1,2\n".repeat(2500), &["absent", "10000000"]),
        table("a cell of a mebibyte", format!("a,b\n1,{large}\n")).rows(1),
        refused("a larger cell", format!("a,b\n1,x\n2,{large}y\n"), &["row 2 (line 3)", "column 2", "1048576 bytes", "`xxxx"]),
        // The last one, since what follows a refusal is compared with what was there before.
        table("10,000 columns", wide(10_000)).rows(2).member("c9999", "mean", 1.0).member("c9999", "position", 9999),
    ]
}
