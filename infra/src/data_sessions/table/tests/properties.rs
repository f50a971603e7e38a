//! Properties of any table.

use proptest::prelude::*;

use super::*;

fn cells() -> impl Strategy<Value = Vec<Vec<String>>> {
    (1..5_usize).prop_flat_map(|width| prop::collection::vec(prop::collection::vec("[ -~éñ\r\n\"',;]{0,6}", width), 1..20))
}

fn csv_of(rows: &[Vec<String>], delimiter: u8, crlf: bool) -> Vec<u8> {
    let terminator = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
    let mut writer = csv::WriterBuilder::new()
        .delimiter(delimiter)
        .terminator(terminator)
        .quote_style(csv::QuoteStyle::Always)
        .from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).unwrap();
    }
    writer.into_inner().unwrap()
}

proptest! {
    #[test]
    fn quoted_cells_are_read_as_they_were_written(rows in cells(), crlf: bool, semicolon: bool, size in 1..70_usize) {
        let delimiter = if semicolon { b';' } else { b',' };
        let bytes = csv_of(&rows, delimiter, crlf);
        let texts = OverrideTexts {
            delimiter: Some(if semicolon { ";" } else { "," }),
            quote: Some("\""),
            header: Some(false),
            skip_rows: Some(0),
            encoding: Some("utf-8"),
            ..OverrideTexts::default()
        };
        match read_with(&bytes, texts, Limits::default(), size) {
            Ok(read) => {
                let width = read.names().len();
                prop_assert!(rows.iter().all(|row| row.iter().skip(width).all(|cell| cell.trim().is_empty())));
                let kept = rows.iter().map(|row| row.iter().take(width).cloned().collect::<Vec<_>>()).collect::<Vec<_>>();
                prop_assert_eq!(read.rows, kept);
            }
            Err(TableError::Blank | TableError::OtherKind { .. }) => {}
            Err(error) => prop_assert!(false, "{}", error),
        }
    }

    #[test]
    fn rows_are_those_of_the_crate_csv(text in "[ab\",\n]{1,60}") {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        let expected = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect::<Vec<_>>()).collect::<Vec<_>>();
        let texts = OverrideTexts {
            delimiter: Some(","),
            quote: Some("\""),
            header: Some(false),
            skip_rows: Some(0),
            ..OverrideTexts::default()
        };
        if let Ok(read) = read_with(text.as_bytes(), texts, Limits::default(), 3) {
            let filled = |rows: &[Vec<String>]| rows.iter().map(|row| {
                let end = row.iter().rposition(|cell| !cell.trim().is_empty()).map_or(0, |last| last + 1);
                row[..end].to_vec()
            }).collect::<Vec<_>>();
            prop_assert_eq!(filled(&read.rows), filled(&expected));
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300), size in 1..50_usize) {
        let _ = read_with(&bytes, OverrideTexts::default(), Limits::default(), size);
    }

    #[test]
    fn any_text_is_read_alike_in_pieces(text in "[a-c0-9,;\t \"'\r\n.:#é-]{1,120}", size in 1..20_usize) {
        let whole = read_with(text.as_bytes(), OverrideTexts::default(), Limits::default(), 65_536);
        let pieces = read_with(text.as_bytes(), OverrideTexts::default(), Limits::default(), size);
        match (whole, pieces) {
            (Ok(whole), Ok(pieces)) => {
                prop_assert_eq!(&whole.analysis, &pieces.analysis);
                prop_assert_eq!(whole.rows, pieces.rows);
                for column in &whole.analysis.info.columns {
                    prop_assert!(column.missing <= whole.analysis.info.rows);
                }
            }
            (Err(whole), Err(pieces)) => prop_assert_eq!(whole.to_string(), pieces.to_string()),
            (whole, pieces) => prop_assert!(false, "{:?} {:?}", whole.err(), pieces.err()),
        }
    }

    #[test]
    fn every_cell_fits_the_format_of_its_column(values in prop::collection::vec("[0-9.,/%+ e:-]{0,10}|NA|inf|yes|no|[0-9]{1,2}/[0-9]{1,2}/20[0-9]{2}", 1..8)) {
        let text = values.iter().map(|value| format!("1;\"{value}\"\n")).collect::<Vec<_>>().concat();
        let texts = OverrideTexts { delimiter: Some(";"), quote: Some("\""), header: Some(false), skip_rows: Some(0), ..OverrideTexts::default() };
        let table = read_with(text.as_bytes(), texts, Limits::default(), 65_536).unwrap();
        for (format, index) in table.analysis.formats.columns.iter().zip(0..) {
            for row in &table.rows {
                prop_assert_ne!(format.read(&row[index]), super::super::cell::Value::Invalid, "{:?} {:?}", &row[index], format);
            }
        }
    }
}
