//! Files that are refused, and where the error points.

use super::*;

#[test]
fn other_kinds_of_files() {
    for (head, kind) in [
        (&b"PK\x03\x04\x14\x00"[..], "ZIP"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"\x89PNG\r\n\x1a\n\0\0", "PNG"),
        (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
        (b"PAR1\x15\x04\x15\x20", "Parquet"),
        (b"SQLite format 3\0", "SQLite"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "JPEG"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".xls"),
        (b"ARROW1\0\0\xff", "Arrow"),
        (b"\n <!DOCTYPE html><html>", "HTML"),
        (b"[\n {\"a\": 1}]", "JSON"),
        (b"\xff\xfe\0\0a\0\0\0", "UTF-32"),
    ] {
        let error = refusal(head).to_string();
        assert!(error.contains(kind), "{error}");
    }
    assert_eq!(read("PAR1,ORC\n1,2\n").names(), ["PAR1", "ORC"]);
}

#[test]
fn nuls() {
    assert!(matches!(refusal(b"a,b\n1,x\0y\n"), TableError::Nul { offset: 7, line: 2 }));
    let mut late = b"a,b\n".repeat(5_000);
    late.extend_from_slice(b"1,\0\n");
    assert!(matches!(refusal(&late), TableError::Nul { offset: 20_002, line: 5_001 }));
    let mut wide = utf16("a,b\n1,\0\n", false);
    wide.extend(utf16("2,3\n", false));
    assert!(matches!(refusal(&wide), TableError::Nul { .. }));
}

#[test]
fn control_characters() {
    assert!(matches!(refusal(b"\x01\x02\x03\x04\x05\x06\x07\x08\x0e\x0f\x10 binary"), TableError::ControlCharacters { .. }));
    let table = read("a,b\n1,x\x07y\n2,z\n");
    assert_eq!(table.rows[0][1], "x\x07y");
    assert!(table.warned("control characters"));
}

#[test]
fn nothing_in_it() {
    assert!(matches!(refusal(""), TableError::Empty));
    for text in ["\n\n", "  \n", "\u{feff}", ",,\n,,\n", "\"\"\n", "\t\t\n"] {
        assert!(matches!(refusal(text), TableError::Blank), "{text:?}");
    }
    let table = read("a,b,c\n");
    assert_eq!((table.names(), table.analysis.info.rows), (vec!["a", "b", "c"], 0));
    assert_eq!(table.kinds(), [ColumnType::Empty; 3]);
    assert_eq!(read("a,b,c").names(), ["a", "b", "c"]);
}

#[test]
fn an_unterminated_quote_names_the_row_where_it_begins() {
    match refusal("a,b\n1,x\n2,\"open\n3,y\n4,z\n") {
        TableError::UnterminatedQuote { place, column: 2, value } => {
            assert_eq!((place.row, place.line, value.as_str()), (2, 3, "open 3,y 4,z "));
        }
        other => panic!("{other:?}"),
    }
    assert!(matches!(refusal("a,\"b\n1,2\n"), TableError::UnterminatedQuote { place, .. } if place.line == 1 && place.row == 0));
    let read = given("a,b\n1,\"x\n2,y\n", OverrideTexts { quote: Some("none"), ..OverrideTexts::default() }).unwrap();
    assert_eq!(read.rows, [["1", "\"x"], ["2", "y"]]);
}

#[test]
fn a_late_unterminated_quote() {
    let rows = (0..200_000).map(|row| format!("{row},x\n")).collect::<Vec<_>>().concat();
    let text = format!("a,b\n{rows}1,\"open\n2,y\n");
    assert!(
        matches!(refusal(&text), TableError::UnterminatedQuote { place, .. } if place.row == 200_001 && place.line == 200_002)
    );
}

#[test]
fn long_rows() {
    match refusal("a,b\n1,2\n\n1,2,,\n3,4,,surplus\n") {
        TableError::LongRow { place, found: 4, expected: 2, value } => {
            assert_eq!((place.row, place.line, value.as_str()), (3, 5, "surplus"));
        }
        other => panic!("{other:?}"),
    }
    assert!(matches!(refusal("a,b\n1,2,3\n4,5,6\n"), TableError::LongRow { found: 3, expected: 2, .. }));
}

#[test]
fn short_rows_are_padded_and_reported() {
    let table = read("a,b,c\n1,2,3\n4\n5,6\n");
    assert_eq!(table.rows[1], ["4", "", ""]);
    assert_eq!((table.column("b").missing, table.column("c").missing), (1, 2));
    assert!(
        table.warned("rows have fewer cells than there are columns, and the absent ones are read as missing; 2 in all: 2, 3")
    );
}
