//! Bounds.

use super::*;

#[test]
fn ten_thousand_columns() {
    let names = (0..10_000).map(|column| format!("c{column}")).collect::<Vec<_>>().join(",");
    let row = vec!["1"; 10_000].join(",");
    let table = read(format!("{names}\n{row}\n{row}\n"));
    assert_eq!((table.names().len(), table.rows.len()), (10_000, 2));
    assert!(matches!(refusal(format!("{names},more\n{row},1\n")), TableError::TooManyColumns { .. }));
    assert_eq!(read(format!("{names},\n{row},\n")).names().len(), 10_000);
}

#[test]
fn long_cells_and_lines() {
    let long = "x".repeat(1 << 20);
    assert_eq!(read(format!("a,b\n1,{long}\n")).rows[0][1].len(), 1 << 20);
    match refusal(format!("a,b\n1,x\n2,{long}y\n")) {
        TableError::CellTooLong { place, column: 2, value, .. } => assert_eq!((place.row, value.chars().count()), (2, 41)),
        other => panic!("{other:?}"),
    }
    let quoted = refusal(format!("a,b\n1,x\n2,\"{long}\ny\n")).to_string();
    assert!(quoted.contains("quote=none"), "{quoted}");
    assert!(matches!(refusal("x".repeat(5 << 20)), TableError::CellTooLong { .. }));
    assert!(matches!(refusal("1,".repeat(3 << 20)), TableError::TooManyColumns { .. }));
    let cells = vec!["y".repeat(1 << 18); 12].join(",");
    assert!(matches!(refusal(format!("{cells}\n{cells}\n")), TableError::RowTooLong { .. }));
}

#[test]
fn short_rows_do_not_multiply_the_file() {
    let names = (0..10_000).map(|column| format!("c{column}")).collect::<Vec<_>>().join(",");
    let row = vec!["1"; 10_000].join(",");
    let text = format!("{names}\n{row}\n{row}\n{}", "1,2\n".repeat(5_000));
    assert!(matches!(refusal(text), TableError::TooManyAbsentCells { .. }));
}

#[test]
fn files_that_are_too_big() {
    let limits = Limits { bytes: 10, ..Limits::default() };
    assert!(matches!(
        read_with(b"a,b\n1,2\n3,4\n", OverrideTexts::default(), limits, 100),
        Err(TableError::TooManyBytes { limit: 10 })
    ));
}

#[test]
fn distinct_values_are_exact_until_memory_ends_and_say_so() {
    let rows = (0..40_000).map(|row| format!("id-{row},{}\n", row % 7)).collect::<Vec<_>>().concat();
    let text = format!("id,kind\n{rows}");
    let exact = read(&text);
    assert_eq!((exact.column("id").distinct, exact.column("id").distinct_is_exact), (40_000, true));
    let limits = Limits { distinct: 100_000, ..Limits::default() };
    let bounded = read_with(text.as_bytes(), OverrideTexts::default(), limits, 65_536).unwrap();
    let estimate = bounded.column("id");
    assert!(!estimate.distinct_is_exact && (30_000..50_000).contains(&estimate.distinct), "{}", estimate.distinct);
    assert_eq!((bounded.column("kind").distinct, bounded.column("kind").distinct_is_exact), (7, true));
    assert_eq!(bounded.column("kind").top[0].count, 5_715);
}

#[test]
fn frames_hold_whole_rows() {
    let rows = (0..3_000).map(|row| format!("{row},\"two\nlines, {row}\"\n")).collect::<Vec<_>>().concat();
    let text = format!("a,b\n{rows}");
    let limits = Limits { frame: 1_000, ..Limits::default() };
    let table = read_with(text.as_bytes(), OverrideTexts::default(), limits, 7).unwrap();
    assert_eq!((table.rows.len(), table.rows[2_999][1].as_str()), (3_000, "two\nlines, 2999"));
}

#[test]
fn warnings_are_bounded() {
    let names = vec!["same"; 1_000].join(",");
    let info = read(format!("{names}\n{}\n", vec!["1"; 1_000].join(","))).analysis.info;
    assert_eq!((info.warnings.len(), info.warnings_omitted), (50, 949));
}
