//! Encodings of characters.

use super::Case;
use super::case::{refused, table};

const TEXT: &str = "naïve,größe\n1,Zürich\n2,Málaga\n3,Łódź\n";
const COLUMNS: &[(&str, &str)] = &[("naïve", "integer"), ("größe", "text")];

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

/// The files.
pub fn cases() -> Vec<Case> {
    let marked = format!("\u{feff}{TEXT}");
    let latin = b"stra\xdfe,caf\xe9\n1,Z\xfcrich\n2,M\xfcnchen\n3,K\xf6ln\n";
    let mut mixed = "a,b\nZürich,1\nMünchen,2\n".as_bytes().to_vec();
    mixed.extend(b"K\xf6ln,3\n");
    let late = format!("a,b\n{}2,Łódź\n", "1,plain\n".repeat(20_000));
    let cut = "a\nüber\nköln\nü".as_bytes();
    let mut surrogate = utf16("\u{feff}a,b\n1,", u16::to_le_bytes);
    surrogate.extend([0x00, 0xd8, 0x0a, 0x00]);
    vec![
        table("UTF-8", TEXT).columns(COLUMNS).setting("encoding", "utf-8").rows(3),
        table("a mark before UTF-8", marked.clone()).columns(COLUMNS).setting("encoding", "utf-8"),
        table("a mark before a name in quotes", "\u{feff}\"a\",\"b\"\n1,\"x,y\"\n").columns(&[("a", "integer"), ("b", "text")]),
        table("UTF-16, little end first", utf16(&marked, u16::to_le_bytes)).columns(COLUMNS).setting("encoding", "utf-16le"),
        table("UTF-16, big end first", utf16(&marked, u16::to_be_bytes)).columns(COLUMNS).setting("encoding", "utf-16be"),
        table("UTF-16 without a mark", utf16(TEXT, u16::to_le_bytes)).columns(COLUMNS).setting("encoding", "utf-16le"),
        table("Latin-1", latin).columns(&[("straße", "integer"), ("café", "text")]).setting("encoding", "windows-1252"),
        table("a character beyond ASCII after 160 kB", late).rows(20_001).setting("encoding", "utf-8"),
        refused("mixed encodings", mixed, &["line 4", "offset 26", "0xF6", "encoding=windows-1252"]),
        refused("a character that is cut off", &cut[..cut.len() - 1], &["line 4", "UTF-8"]),
        refused("half a pair of surrogates", surrogate, &["UTF-16LE", "line 2"]),
    ]
}
