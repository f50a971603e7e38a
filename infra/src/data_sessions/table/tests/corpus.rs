//! Tables as programs write them.

use super::*;

#[test]
fn a_german_export() {
    let text = "\u{feff}\"Datum\";\"Betrag\";\"Anteil\";\"Aktiv\"\r\n\"31.01.2024\";\"1.234,50\";\"12 %\";\"ja\"\r\n\"01.02.2024\";\"-7,25\";\"3 %\";\"nein\"\r\n";
    let table = read(text);
    assert_eq!(table.kinds(), [ColumnType::Date, ColumnType::Number, ColumnType::Integer, ColumnType::Boolean]);
    assert_eq!(table.column("Betrag").maximum, Some(1234.5));
}

#[test]
fn an_excel_text_export() {
    let table = read(utf16("\u{feff}Name\tPrix\r\nCafé\t1 234,5\r\n\"Thé \"\"vert\"\"\"\t7,25\r\n", false));
    assert_eq!((table.rows[1][0].as_str(), table.column("Prix").maximum), ("Thé \"vert\"", Some(1234.5)));
}

#[test]
fn a_spreadsheet_with_rows_of_delimiters() {
    let table = read("a,b\n1,2\n,\n,\n");
    assert_eq!((table.rows.len(), table.column("a").missing), (3, 2));
}

#[test]
fn formulas_are_texts() {
    let table = read("a,b\n=1+1,x\n@SUM(A1),y\n");
    assert_eq!(table.rows[0][0], "=1+1");
}

#[test]
fn numbers_between_quotes() {
    assert_eq!(read("\"a\",\"b\"\n\"1\",\"2.5\"\n\"3\",\"4.5\"\n").kinds(), [ColumnType::Integer, ColumnType::Number]);
}

#[test]
fn row_names_without_a_heading() {
    assert_eq!(read("\"\",\"x\"\n\"1\",5\n\"2\",6\n").names(), ["column_1", "x"]);
}
