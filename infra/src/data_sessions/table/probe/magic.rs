//! Files of another kind, by their first bytes.

use super::super::error::TableError;

/// First bytes, the kind of file, and what to do with it.
type Kind = (&'static [u8], &'static str, &'static str);

const UNPACK: &str = "Unpack it and upload the CSV inside.";
const EXPORT: &str = "Export the table as CSV and upload that.";

/// Signatures that no text begins with.
const BINARY: [Kind; 14] = [
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook (.xlsx)", "Export the sheet as CSV, or unpack the archive."),
    (b"PK\x05\x06", "an empty ZIP archive", EXPORT),
    (b"\x1f\x8b", "compressed with gzip", UNPACK),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd", UNPACK),
    (b"\xfd7zXZ\x00", "compressed with xz", UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", UNPACK),
    (b"\x89PNG", "a PNG image", EXPORT),
    (b"\xff\xd8\xff", "a JPEG image", EXPORT),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document (.xls)", EXPORT),
    (b"SQLite format 3\x00", "an SQLite database", EXPORT),
    (b"\x89HDF", "an HDF5 file", EXPORT),
    (b"\x93NUMPY", "a NumPy array", EXPORT),
    (b"\x7fELF", "a program", EXPORT),
    (b"\xff\xfe\x00\x00", "text in UTF-32", "Save it as UTF-8."),
];

/// Signatures of plain letters: believed only if bytes that are no text follow.
const LETTERS: [Kind; 8] = [
    (b"PAR1", "a Parquet file", EXPORT),
    (b"ARROW1", "an Arrow file", EXPORT),
    (b"ORC", "an ORC file", EXPORT),
    (b"Obj\x01", "an Avro file", EXPORT),
    (b"BZh", "compressed with bzip2", UNPACK),
    (b"Rar!", "a RAR archive", UNPACK),
    (b"GIF8", "a GIF image", EXPORT),
    (b"MZ", "a program", EXPORT),
];

/// Beginnings of documents that are text, but no table. In lower case.
const DOCUMENTS: [Kind; 7] = [
    (b"%pdf-", "a PDF document", EXPORT),
    (b"{\\rtf", "an RTF document", EXPORT),
    (b"<!doctype", "an HTML page", "Download the table itself: this may be an error page."),
    (b"<html", "an HTML page", "Download the table itself: this may be an error page."),
    (b"<?xml", "an XML document", EXPORT),
    (b"{\"", "JSON", "Convert it to CSV, one object a row."),
    (b"[{\"", "JSON", "Convert it to CSV, one object a row."),
];

/// Refuses a file by its first bytes.
pub(super) fn check(head: &[u8]) -> Result<(), TableError> {
    let kind = BINARY
        .iter()
        .find(|kind| head.starts_with(kind.0))
        .or_else(|| LETTERS.iter().find(|kind| head.starts_with(kind.0) && continues_as_binary(head.get(kind.0.len()..))))
        .or_else(|| document(head));
    match kind {
        Some((_, kind, advice)) => Err(TableError::OtherKind { kind, advice }),
        None => Ok(()),
    }
}

fn continues_as_binary(rest: Option<&[u8]>) -> bool {
    let rest = rest.unwrap_or_default();
    rest.iter().take(32).any(|byte| (*byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r')) || *byte == 0x7f)
}

/// Compares what follows a byte order mark and white space, without regard to case and to spaces in JSON.
fn document(head: &[u8]) -> Option<&'static Kind> {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let lower = head.iter().take(64).map(u8::to_ascii_lowercase).collect::<Vec<u8>>();
    let dense = lower.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect::<Vec<u8>>();
    DOCUMENTS.iter().find(|kind| lower.starts_with(kind.0) || (dense.starts_with(kind.0) && kind.1 == "JSON"))
}
