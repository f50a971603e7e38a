//! Types of columns and their statistics.

use super::super::cell::Value;
use super::*;

/// The only column of a table, from its values.
fn column(values: &[&str]) -> (ColumnInfo, super::super::cell::ColumnFormat, Table) {
    let quoted = values.iter().map(|value| format!("1,\"{}\"\n", value.replace('"', "\"\""))).collect::<Vec<_>>().concat();
    let table =
        given(format!("id,x\n{quoted}"), OverrideTexts { header: Some(true), delimiter: Some(","), ..OverrideTexts::default() })
            .unwrap();
    (table.column("x").clone(), table.analysis.formats.columns[1].clone(), table)
}

fn kind(values: &[&str]) -> ColumnType {
    column(values).0.kind
}

#[test]
fn whole_numbers_keep_their_digits() {
    assert_eq!(kind(&["1", "-2", "0", "+3", "9007199254740992"]), ColumnType::Integer);
    for (values, evidence) in [
        (&["1", "12345678901234567890"][..], "row 2 holds `12345678901234567890`: as a number beyond 2^53"),
        (&["1", "9007199254740993"], "row 2"),
        (&["1", "-9007199254740993"], "row 2"),
        (&["1.5", "12345678901234567890.5"], "row 2"),
        (&["12", "007"], "row 2 holds `007`: as a number it would lose its leading zeros"),
        (&["-05"], "leading zeros"),
        (&["1", "1e999"], "beyond the range"),
        (&["+491701234567"], "telephone"),
        (&["1", "2", "x"], "row 3 holds `x`, the values before it are whole numbers"),
    ] {
        let (info, _, _) = column(values);
        assert_eq!(info.kind, ColumnType::Text, "{values:?}");
        assert!(info.evidence.contains(evidence), "{}", info.evidence);
    }
}

#[test]
fn numbers() {
    for values in [
        &["1.5", "2"][..],
        &[".5", "5."],
        &["1e5", "2.5E-3"],
        &["1,234.5", "1,234,567.25"],
        &["1.234,5", "7"],
        &["1 234,5", "12"],
        &["1\u{a0}234,5", "1\u{202f}000"],
        &["1'234.5", "0.25"],
        &["−1.5", "2"],
        &["1.5%", "20 %"],
        &["Inf", "1"],
    ] {
        assert_eq!(kind(values), ColumnType::Number, "{values:?}");
    }
    for values in [
        &["1,234.5", "1,2345"][..],
        &["1.2.3"],
        &["1e"],
        &["--1"],
        &["0x10"],
        &["1_000"],
        &["12a"],
        &["1,,2"],
        &["."],
        &["e5"],
        &["1 2"],
        &["5%", "5"],
    ] {
        assert_eq!(kind(values), ColumnType::Text, "{values:?}");
    }
    assert_eq!(column(&["1,234", "5,678,901"]).0.maximum, Some(5_678_901.0));
    assert_eq!(column(&["12%", "7%"]).0.maximum, Some(12.0));
    assert_eq!(kind(&["12%", "7%"]), ColumnType::Integer);
}

#[test]
fn numbers_of_both_meanings_are_reported() {
    let (info, format, table) = column(&["1,234", "5,678"]);
    assert_eq!((info.kind, format.read("1,234")), (ColumnType::Integer, Value::Integer(1_234)));
    assert!(table.warned("another value with the other decimal mark"));
    let semicolons = read("a;b\n1,234;x\n5,678;y\n");
    assert_eq!(semicolons.column("a").minimum, Some(1.234));
}

#[test]
fn missing_values() {
    let (info, format, table) = column(&["1", "", "NA", "N/A", "NaN", "null", "None", " ", "#N/A", "-", "?", "2"]);
    assert_eq!((info.kind, info.missing, info.distinct), (ColumnType::Integer, 10, 2));
    assert_eq!((format.json("NaN"), format.json("2")), (serde_json::Value::Null, 2.into()));
    assert_eq!(table.rows[2][1], "NA");
    assert_eq!(kind(&["NA", "", "null"]), ColumnType::Empty);
    assert_eq!(kind(&["none", "-", "high school"]), ColumnType::Text);
    assert_eq!(column(&["none", "-", "high school"]).0.missing, 0);
}

#[test]
fn infinities() {
    let (info, format, _) = column(&["1.5", "inf", "-Infinity", "∞", "+INF", "1.#INF", "2.5", "nan"]);
    assert_eq!((info.infinite, info.missing, info.mean, info.maximum), (Some(5), 1, Some(2.0), Some(2.5)));
    assert_eq!((format.read("inf"), format.json("-inf")), (Value::Missing, serde_json::Value::Null));
    assert_eq!(kind(&["Inf", "Infant"]), ColumnType::Text);
    let (info, _, _) = column(&["1e308", "1.7e308", "1.7e308"]);
    assert!(info.mean.is_some_and(|mean| (mean / 1.466e308 - 1.0).abs() < 1e-3));
}

#[test]
fn booleans_in_several_languages() {
    for values in [
        &["true", "False", "TRUE"][..],
        &["yes", "No"],
        &["ja", "Nein"],
        &["ja", "nee"],
        &["oui", "non"],
        &["si", "no"],
        &["Sí", "NO", "SÍ"],
        &["vrai", "faux"],
        &["wahr", "falsch"],
        &["y", "N"],
        &["t", "f"],
        &["sim", "não"],
        &["tak", "nie"],
        &["no", "no"],
        &["true"],
    ] {
        assert_eq!(kind(values), ColumnType::Boolean, "{values:?}");
    }
    for values in [&["yes", "maybe"][..], &["yes", "true"], &["t", "t"], &["y", "x"], &["true", "1"]] {
        assert_eq!(kind(values), ColumnType::Text, "{values:?}");
    }
    assert_eq!(kind(&["1", "0"]), ColumnType::Integer);
    let (_, format, _) = column(&["Sí", "no"]);
    assert_eq!((format.read(" SÍ "), format.json("no"), format.read("x")), (Value::Boolean(true), false.into(), Value::Invalid));
}

#[test]
fn dates() {
    let (info, format, _) = column(&["2024-02-29", "2023-12-31"]);
    assert_eq!(
        (info.kind, info.earliest.as_deref(), info.latest.as_deref()),
        (ColumnType::Date, Some("2023-12-31"), Some("2024-02-29"))
    );
    assert_eq!((format.read("1970-01-02"), format.json("2024-02-29")), (Value::Date(86_400), "2024-02-29".into()));
    assert_eq!(column(&["01/02/2024", "31/01/2024"]).0.earliest.as_deref(), Some("2024-01-31"));
    assert_eq!(column(&["01/02/2024", "01/31/2024"]).0.earliest.as_deref(), Some("2024-01-02"));
    assert!(column(&["01/02/2024", "01/31/2024"]).0.evidence.contains("decided by `01/31/2024` in row 2"));
    let (info, _, table) = column(&["01/02/2024", "03/04/2024"]);
    assert_eq!(info.earliest.as_deref(), Some("2024-02-01"));
    assert!(table.warned("both day, month, year and month, day, year"));
    assert_eq!(column(&["31.12.99", "01.02.03"]).0.latest.as_deref(), Some("2003-02-01"));
    for values in [
        &["2023-02-29"][..],
        &["13/13/2024"],
        &["31/01/2024", "01/31/2024"],
        &["1.2.3"],
        &["2024-01-01", "soon"],
        &["0000-01-01"],
    ] {
        assert_eq!(kind(values), ColumnType::Text, "{values:?}");
    }
}

#[test]
fn dates_with_times() {
    for (text, json) in [
        ("2024-01-31T10:20:30Z", "2024-01-31T10:20:30Z"),
        ("2024-01-31 10:20:30.123456+02:00", "2024-01-31T08:20:30Z"),
        ("2024-01-31 10:20", "2024-01-31T10:20:00"),
        ("1/31/90 2:05 PM", "1990-01-31T14:05:00"),
        ("31.01.2024 00:00", "2024-01-31T00:00:00"),
    ] {
        let (info, format, _) = column(&[text]);
        assert_eq!((info.kind, format.json(text)), (ColumnType::Datetime, json.into()), "{text}");
    }
    assert_eq!(kind(&["2024-01-01", "2024-01-01 10:00"]), ColumnType::Datetime);
    assert_eq!(kind(&["2024-01-01 10:00Z", "2024-01-01 10:00"]), ColumnType::Text);
    assert_eq!(kind(&["2024-01-01 25:00"]), ColumnType::Text);
}

#[test]
fn one_column_decides_for_the_dates_of_another() {
    let table = read("a,b\n01/02/2024,01/31/2024\n03/04/2024,02/28/2024\n");
    assert_eq!(table.column("a").earliest.as_deref(), Some("2024-01-02"));
}

#[test]
fn statistics() {
    let table = read("n,s\n1,b\n2,a\n3,b\n4,a\n,c\n");
    let (n, s) = (table.column("n"), table.column("s"));
    assert_eq!((n.minimum, n.mean, n.maximum, n.missing, n.distinct), (Some(1.0), Some(2.5), Some(4.0), 1, 4));
    let histogram = n.histogram.as_ref().unwrap();
    assert_eq!((histogram.from, histogram.to, histogram.counts.iter().sum::<u64>(), histogram.counts[19]), (1.0, 4.0, 4, 1));
    assert_eq!(s.top.iter().map(|top| (top.value.as_str(), top.count)).collect::<Vec<_>>(), [("a", 2), ("b", 2), ("c", 1)]);
    assert!(s.minimum.is_none() && s.histogram.is_none());
}

#[test]
fn a_given_decimal_mark_is_the_only_one() {
    let texts = OverrideTexts { decimal: Some("comma"), ..OverrideTexts::default() };
    let table = given("a;b;c\n1.5;1,5;1.234\n2.5;2,5;5.678\n", texts).unwrap();
    assert_eq!(table.kinds(), [ColumnType::Text, ColumnType::Number, ColumnType::Integer]);
    assert_eq!((table.column("c").maximum, table.setting(Setting::Decimal)), (Some(5_678.0), ","));
    assert!(table.column("a").evidence.contains("given decimal mark"));
}

#[test]
fn the_type_comes_from_the_whole_column() {
    let mut text = String::from("x\n");
    text.push_str(&"5\n".repeat(300_000));
    text.push_str("five\n");
    assert!(read(&text).column("x").evidence.contains("row 300001 holds `five`"));
}

#[test]
fn formats_survive_storage() {
    let table = read("a,b,c\n1,ja,2024-01-01\n2,nein,2024-01-02\n");
    let stored = serde_json::to_string(&table.analysis.formats).unwrap();
    assert_eq!(serde_json::from_str::<super::super::analyse::Formats>(&stored).unwrap(), table.analysis.formats);
    let info = serde_json::to_string(&table.analysis.info).unwrap();
    assert_eq!(serde_json::from_str::<super::super::views::TableInfo>(&info).unwrap(), table.analysis.info);
}
