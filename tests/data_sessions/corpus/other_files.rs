//! Files of other kinds, named `.csv`.

use super::Case;
use super::case::{refused, table};

/// The files.
pub fn cases() -> Vec<Case> {
    let mut late = b"a,b\n".repeat(5_000);
    late.extend(b"1,\0\n");
    vec![
        refused("a zip", b"PK\x03\x04\x14\x00\x08\x00", &["ZIP", "Excel", "Export the sheet as CSV"]),
        refused("a PNG", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", &["PNG image"]),
        refused("gzip", b"\x1f\x8b\x08\x00\0\0", &["gzip", "Unpack"]),
        refused("a PDF", b"%PDF-1.7\n%\xe2\xe3", &["PDF"]),
        refused("Parquet", b"PAR1\x15\x04\x15\x20", &["Parquet"]),
        refused("an old workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0", &[".xls"]),
        refused("a page", b"\n <!DOCTYPE html><html>not found</html>", &["HTML", "error page"]),
        refused("JSON", b"[\n {\"a\": 1}]", &["JSON"]),
        refused("a NUL", b"a,b\n1,x\0y\n", &["NUL", "offset 7", "line 2"]),
        refused("a late NUL", late, &["NUL", "offset 20002", "line 5001"]),
        refused("control characters", b"\x01\x02\x03\x04\x05\x06\x07\x08\x0e\x0f\x10 binary", &["control characters"]),
        table("names that look like a kind of file", "PAR1,ORC\n1,2\n").columns(&[("PAR1", "integer"), ("ORC", "integer")]),
    ]
}
