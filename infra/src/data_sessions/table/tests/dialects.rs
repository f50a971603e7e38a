//! Delimiters, quotes, line ends, headers, and lines that are no rows.

use super::*;

const ROWS: [[&str; 2]; 2] = [["1", "x"], ["2", "y"]];

#[test]
fn all_line_ends() {
    for ends in ["\n", "\r\n", "\r"] {
        let table = read(["a,b", "1,x", "2,y", ""].join(ends));
        assert_eq!(
            (table.names(), table.rows.clone()),
            (vec!["a", "b"], ROWS.map(|row| row.map(str::to_owned).to_vec()).to_vec()),
            "{ends:?}"
        );
    }
    assert_eq!(read("a,b\r\n1,x\n2,y\r3,z\r\r\n4,w").rows.len(), 4);
}

#[test]
fn all_delimiters() {
    for (delimiter, name) in [(",", ","), (";", ";"), ("\t", "tab"), ("|", "|"), (" ", "space"), (":", ":")] {
        let table = read(["a,b,c", "1,2.5,3", "4,5.5,6", "7,8.5,9"].join("\n").replace(',', delimiter));
        assert_eq!(table.setting(Setting::Delimiter), name);
        assert_eq!(table.names(), ["a", "b", "c"]);
        assert_eq!(table.rows[2], ["7", "8.5", "9"]);
    }
}

#[test]
fn semicolons_with_decimal_commas() {
    let table = read("stadt;wert;zwei\nBerlin;1,5;2,25\nBonn;-3,75;1.234,5\n");
    assert_eq!((table.setting(Setting::Delimiter), table.setting(Setting::Decimal)), (";", ","));
    assert_eq!(table.kinds(), [ColumnType::Text, ColumnType::Number, ColumnType::Number]);
    assert_eq!(table.column("zwei").maximum, Some(1234.5));
    let headless = read("1,5;2,5;3,5\n2,5;3,5;4,5\n");
    assert_eq!((headless.names().len(), headless.setting(Setting::Header)), (3, "false"));
}

#[test]
fn one_column_is_never_split() {
    for text in [
        "word\nfoo\nboot\nmoon\n",
        "text\nHello, world\nno comma\na, b, c\nd\n",
        "name\nSmith, John\nDoe, Jane\n",
        "when\n2024-01-01 10:00:00\n2024-01-02 11:30:00\n",
        "time\n10:00:00\n11:30:00\n",
        "city\nNew York\nLos Angeles\nSan Diego\n",
        "wert\n1,5\n2,5\n3,5\n",
        "n\n1\n2\n",
        "only",
    ] {
        let table = read(text);
        assert_eq!(table.names().len(), 1, "{text:?}");
        assert_eq!(table.rows.len(), text.lines().count() - 1, "{text:?}");
    }
    assert_eq!(read("wert\n1,5\n2,5\n").column("wert").mean, Some(2.0));
}

#[test]
fn quoted_newlines_delimiters_and_quotes() {
    let table = read("id,text\n1,\"a,b\"\n2,\"line\r\nbreak\"\n3,\"say \"\"hi\"\"\"\n4,\"\"\n");
    assert_eq!(table.rows.iter().map(|row| row[1].as_str()).collect::<Vec<_>>(), ["a,b", "line\r\nbreak", "say \"hi\"", ""]);
}

#[test]
fn quotes_inside_unquoted_cells_are_ordinary() {
    let table = read("size,name\n5\",pipe\n6 \"or\" 7,x\n");
    assert_eq!(table.rows, [["5\"", "pipe"], ["6 \"or\" 7", "x"]]);
}

#[test]
fn text_after_a_closing_quote_is_kept_and_reported() {
    let table = read("a,b\n\"x\" y,1\n\"z\"  ,2\n");
    assert_eq!(table.rows, [["x y", "1"], ["z", "2"]]);
    assert!(table.warned("text after a closing quote"));
}

#[test]
fn backslashes_before_quotes() {
    let table = read("id,text\n1,\"say \\\"hi\\\", ok\"\n2,\"C:\\\\dir\\x\"\n3,\"x\"\n");
    assert_eq!(table.rows.iter().map(|row| row[1].as_str()).collect::<Vec<_>>(), ["say \"hi\", ok", "C:\\dir\\x", "x"]);
    let paths = read("id,path\n1,\"C:\\dir\\\"\n2,\"D:\\\"\n");
    assert_eq!(paths.rows[0][1], "C:\\dir\\");
}

#[test]
fn spaces_before_a_quote() {
    assert_eq!(read("a, b\n1, \"x, y\"\n2, \"z\"\n").rows, [["1", "x, y"], ["2", "z"]]);
}

#[test]
fn single_quotes() {
    let table = read("'popul'\t'TV, news'\n0\t7\n190\t1\n");
    assert_eq!((table.setting(Setting::Quote), table.names()), ("'", vec!["popul", "TV, news"]));
    let other = read("'a';'b;c'\n1;'x;y'\n2;'it''s'\n");
    assert_eq!((other.names(), other.rows[1][1].as_str()), (vec!["a", "b;c"], "it's"));
    let apostrophes = read("n,word\n1,'tis\n2,'twas\n3,rock 'n' roll\n");
    assert_eq!((apostrophes.setting(Setting::Quote), apostrophes.rows[0][1].as_str()), ("\"", "'tis"));
}

#[test]
fn aligned_spaces() {
    let table = read("  a    b   c\n  1   10 2.5\n 22    3 3.5\n  3  444 4.5  \n");
    assert_eq!((table.names(), table.rows[1].clone()), (vec!["a", "b", "c"], vec!["22".into(), "3".into(), "3.5".into()]));
}

#[test]
fn a_short_row_between_spaces_is_refused() {
    let error = given("a b c\n1 2 3\n4 5\n6 7 8\n", OverrideTexts { delimiter: Some("space"), ..OverrideTexts::default() }).err();
    assert!(matches!(error, Some(TableError::ShortRow { place, found: 2, expected: 3 }) if place.row == 2 && place.line == 3));
}

#[test]
fn excel_names_its_delimiter() {
    for first in ["sep=;", "SEP=;", "\"sep=;\""] {
        let table = read(format!("{first}\r\na;b\r\n1,5;2\r\n"));
        assert_eq!(
            (table.names(), table.setting(Setting::Delimiter), table.setting(Setting::SkipRows)),
            (vec!["a", "b"], ";", "1")
        );
        assert_eq!(table.rows, [["1,5", "2"]]);
    }
}

#[test]
fn comments_and_titles_before_the_table() {
    let table = read("# made by hand, on Monday\n# second\na,b,c\n1,2,3\n4,5,6\n");
    assert_eq!((table.names(), table.rows.len()), (vec!["a", "b", "c"], 2));
    assert!(table.warned("comment"));
    let table = read("Sales report\n\nyear,region,sum\n2020,N,3\n2021,S,4\n2022,W,5\n");
    assert_eq!((table.names(), table.rows.len()), (vec!["year", "region", "sum"], 3));
    let table = read("Sales report,,\nyear,region,sum\n2020,N,3\n2021,S,4\n2022,W,5\n");
    assert_eq!(table.names(), ["year", "region", "sum"]);
    let counts = read("178,13,class_0\n1.5,1.7,2.4,1\n1.6,1.8,2.5,0\n1.7,1.9,2.6,1\n");
    assert_eq!((counts.rows.len(), counts.setting(Setting::Header), counts.setting(Setting::SkipRows)), (3, "false", "1"));
}

#[test]
fn comments_within_the_table() {
    let table = read("a,b\n1,2\n# note\n3,4\n#x,5\n\"#\",6\n");
    assert_eq!(table.rows, [["1", "2"], ["3", "4"], ["#x", "5"], ["#", "6"]]);
    assert_eq!(read("#chrom\tstart\nchr1\t5\nchr2\t6\n").names(), ["#chrom", "start"]);
}

#[test]
fn blank_lines_are_no_rows() {
    let table = read("\n\na,b\n\n1,2\n   \n\r\n3,4\n\n\x1a");
    assert_eq!((table.names(), table.rows.len()), (vec!["a", "b"], 2));
    assert!(table.warned("blank lines"));
}

#[test]
fn delimiters_at_the_end_of_each_row() {
    for text in ["a,b,\n1,2,\n3,4,\n", "a,b\n1,2,\n3,4,\n", "a,b,,\n1,2\n3,4,,,\n"] {
        let table = read(text);
        assert_eq!(
            (table.names(), table.rows.clone()),
            (vec!["a", "b"], vec![vec!["1".to_owned(), "2".into()], vec!["3".into(), "4".into()]]),
            "{text:?}"
        );
    }
    assert_eq!(read("a,b,\n1,2,\n3,4,5\n").names(), ["a", "b", "column_3"]);
    assert_eq!(read("1,2,\n3,4,\n").names().len(), 2);
}

#[test]
fn headers() {
    for (text, expected) in [
        ("a,b\n1,2\n", "true"),
        ("1,2\n3,4\n", "false"),
        ("1,2\n", "false"),
        ("a,b\n", "true"),
        ("name,city\nAnn,Rome\nBob,Bonn\n", "true"),
        ("x,red\ny,red\nz,blue\nw,red\n", "false"),
        ("country,2019,2020\nFR,1.5,2.5\nDE,3.5,4.5\n", "true"),
        ("2024-01-01,5\n2024-01-02,6\n", "false"),
        (",a\n0,1\n1,2\n", "true"),
    ] {
        assert_eq!(read(text).setting(Setting::Header), expected, "{text:?}");
    }
    let forced = given("1,2\n3,4\n", OverrideTexts { header: Some(true), ..OverrideTexts::default() }).unwrap();
    assert_eq!((forced.names(), forced.rows.len()), (vec!["1", "2"], 1));
}

#[test]
fn names_are_unique_after_renaming() {
    let table = read("a,a,a_2,,column_4, b ,\"c\nd\",a\n1,2,3,4,5,6,7,8\n");
    assert_eq!(table.names(), ["a", "a_3", "a_2", "column_4_2", "column_4", "b", "c d", "a_4"]);
    assert_eq!(table.column("a_3").original_name.as_deref(), Some("a"));
    assert!(table.warned("renamed"));
}

#[test]
fn overrides() {
    let texts = OverrideTexts { delimiter: Some("pipe"), quote: Some("none"), skip_rows: Some(1), ..OverrideTexts::default() };
    let table = given("junk|||\na|\"b\n1|\"x\n", texts).unwrap();
    assert_eq!((table.names(), table.rows.clone()), (vec!["a", "\"b"], vec![vec!["1".to_owned(), "\"x".into()]]));
    let error = given("a", OverrideTexts { delimiter: Some("#"), ..OverrideTexts::default() }).err();
    assert!(error.unwrap().to_string().contains("`delimiter` cannot be `#`"));
}
