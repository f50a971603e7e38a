//! Delimiters, quotes, line ends and headers.

use serde_json::json;

use super::Case;
use super::case::{refused, table};

const NUMBERS: &[(&str, &str)] = &[("a", "integer"), ("b", "number"), ("c", "integer")];

fn delimited(delimiter: &str) -> String {
    ["a,b,c", "1,2.5,3", "4,5.5,6", "7,8.5,9"].join("\n").replace(',', delimiter)
}

fn ended(end: &str) -> String {
    ["a,b", "1,x", "2,y", ""].join(end)
}

/// The files.
pub fn cases() -> Vec<Case> {
    const TWO: &[(&str, &str)] = &[("a", "integer"), ("b", "text")];
    let decimals = "stadt;wert;zwei\nBerlin;1,5;2,25\nBonn;-3,75;1.234,5\n";
    let quoted = "id,text\n1,\"a,b\"\n2,\"line\r\nbreak\"\n3,\"say \"\"hi\"\"\"\n4,\"\"\n";
    vec![
        table("commas", delimited(",")).columns(NUMBERS).setting("delimiter", ","),
        table("tabs", delimited("\t")).columns(NUMBERS).setting("delimiter", "tab"),
        table("pipes", delimited("|")).columns(NUMBERS).setting("delimiter", "|"),
        table("semicolons with decimal commas", decimals)
            .columns(&[("stadt", "text"), ("wert", "number"), ("zwei", "number")])
            .setting("delimiter", ";")
            .setting("decimal", ",")
            .first_row(json!(["Berlin", 1.5, 2.25]))
            .member("zwei", "maximum", 1234.5),
        table("quoted newlines, delimiters and quotes", quoted).rows(4).first_row(json!([1, "a,b"])).member("text", "missing", 1),
        table("lines that end in \\n", ended("\n")).columns(TWO).rows(2),
        table("lines that end in \\r\\n", ended("\r\n")).columns(TWO).rows(2),
        table("lines that end in \\r", ended("\r")).columns(TWO).rows(2),
        table("one column with a frequent letter", "word\nfoo\nboot\nmoon\n").columns(&[("word", "text")]).rows(3),
        table("one column with commas", "text\nHello, world\nno comma\na, b, c\nd\n").columns(&[("text", "text")]).rows(4),
        table("one column of numbers", "n\n1\n2\n").columns(&[("n", "integer")]).member("n", "mean", 1.5),
        table("single quotes", "'a';'b;c'\n1;'x;y'\n2;'it''s'\n").first_row(json!([1, "x;y"])),
        table("text after a quote", "a,b\n\"x\" y,1\n\"z\",2\n").first_row(json!(["x y", 1])).warning("closing quote"),
        table("a delimiter that Excel names", "sep=;\r\na;b\r\n1,5;2\r\n").setting("delimiter", ";").rows(1),
        table("comments and blank lines", "# made by hand\na,b\n\n1,2\n# note\n3,4\n\n")
            .rows(2)
            .warning("comment")
            .warning("blank lines"),
        table("no header", "1,2.5\n3,4.5\n")
            .columns(&[("column_1", "integer"), ("column_2", "number")])
            .setting("header", "false"),
        refused(
            "a quote that is not closed",
            "a,b\n1,x\n2,\"open\n3,y\n4,z\n",
            &["row 2 (line 3)", "column 2", "`open 3,y", "quote=none"],
        ),
    ]
}
