//! The file `.env`.

use std::cell::Cell;
use std::fs;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use dotenvy::Error;

use super::errors::SettingError;
use super::reader::Given;

/// The variables of a file, and its errors. A missing file has neither.
pub(super) fn read(path: &Path) -> (Given, Vec<SettingError>) {
    let name = path.display();
    let (given, malformed) = match fs::read(path).map(String::from_utf8) {
        Ok(Ok(text)) => parse(&text),
        Ok(Err(error)) => {
            let line = 1 + line_breaks(&error.as_bytes()[..error.utf8_error().valid_up_to()]);
            (Given::new(), vec![Malformed { line, must: "it must be UTF-8" }])
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Default::default(),
        Err(error) => return (Given::new(), vec![SettingError::new(format!("{name} cannot be read: {error}"))]),
    };
    let sentence = |Malformed { line, must }| SettingError::new(format!("{name} is malformed at line {line}: {must}"));
    (given, malformed.into_iter().map(sentence).collect())
}

/// A malformed entry. Its text is not kept: it may contain a secret.
#[derive(Debug, PartialEq, Eq)]
struct Malformed {
    /// The number of its first line.
    line: usize,
    must: &'static str,
}

const MUST_CLOSE: &str = "the quote that begins there must be closed";

/// All variables of a text, and its malformed entries.
fn parse(text: &str) -> (Given, Vec<Malformed>) {
    // Without a line break, a last line that ends in a space would be an error.
    let text = format!("{}\n", text.trim_start_matches('\u{feff}'));
    let (mut given, mut malformed) = (Given::new(), Vec::new());
    let (mut rest, mut skipped) = (text.as_str(), 0);
    while let Some(line) = entries(rest, skipped, &mut given, &mut malformed) {
        skipped = line;
        rest = text.match_indices('\n').nth(line - 1).map_or("", |(end, _)| &text[end + 1..]);
    }
    (given, malformed)
}

/// Reads the entries of a text that begins after `skipped` lines. An open quote consumes the rest of the text: then returns the
/// number of its line, after which the next entries begin.
fn entries(text: &str, skipped: usize, given: &mut Given, malformed: &mut Vec<Malformed>) -> Option<usize> {
    let read = Cell::new(0);
    for item in dotenvy::from_read_iter(Lines { text: text.as_bytes(), read: &read }) {
        match item {
            // The first of two lines counts, as in dotenvy.
            Ok((name, value)) => drop(given.entry(name).or_insert(value)),
            Err(error) => {
                let entry = if let Error::LineParse(entry, _) = error { entry } else { String::new() };
                let first = read.get() - entry.lines().count().clamp(1, read.get());
                // Only an entry that ends with the text has its last line break.
                let is_open = entry.ends_with('\n');
                let must = if is_open { MUST_CLOSE } else { requirement(text.lines().nth(first).unwrap_or_default()) };
                let line = skipped + first + 1;
                malformed.push(Malformed { line, must });
                if is_open {
                    return Some(line);
                }
            }
        }
    }
    None
}

/// What the first line of a malformed entry must be.
fn requirement(line: &str) -> &'static str {
    let is_name = |name: &str| {
        name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'))
    };
    match line.split_once('=').map(|(name, _)| name.trim()) {
        None => "it must be NAME=value",
        Some(name) if is_name(name.strip_prefix("export ").unwrap_or(name).trim()) => {
            "a value with a space, a #, a $ or a quote must be quoted with '…'"
        }
        Some(_) => "the name before = must consist of letters, digits and _",
    }
}

/// Reads at most one line at a time, so that a buffered reader is never ahead of its entry.
struct Lines<'a> {
    text: &'a [u8],
    /// The number of lines that were read.
    read: &'a Cell<usize>,
}

impl Read for Lines<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let line = self.text.iter().position(|&byte| byte == b'\n').map_or(self.text.len(), |end| end + 1);
        let (chunk, rest) = self.text.split_at(line.min(buffer.len()));
        self.text = rest;
        buffer[..chunk.len()].copy_from_slice(chunk);
        self.read.set(self.read.get() + line_breaks(chunk));
        Ok(chunk.len())
    }
}

fn line_breaks(text: &[u8]) -> usize {
    text.split(|byte| *byte == b'\n').count() - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_with_its_comments_and_quotes() {
        let (given, malformed) = parse("\u{feff}# a comment\nPORT=1\nexport HOST='a$b' # more\nEMPTY=\nPORT=2\nLAST=x ");
        assert_eq!(malformed, []);
        let expected = [("PORT", "1"), ("HOST", "a$b"), ("EMPTY", ""), ("LAST", "x")];
        assert_eq!(given, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    }

    #[test]
    fn every_malformed_entry_is_reported_by_its_true_line() {
        let long = "x".repeat(20_000);
        for (text, lines) in [
            ("A=1\n\nB hush\n", &[3][..]),
            ("A=1\r\n# x\r\nB hush\r\n\r\nC=hush hush\r\n", &[3, 5]),
            ("\u{feff}hush\nA=1\nhush\nA=1\nhush", &[1, 3, 5]),
            ("A=1\nB='hush\nC=2\nD hush\n", &[2, 4]),
            ("A=1\nB=\"hush", &[2]),
            ("A='x\ny' # z\nB='x\ny'hush hush\nC=1\nD hush\n", &[3, 6]),
            ("\n\nA=hu\"sh\nB=2", &[3]),
            ("A='hush\nB='x'\nC=1\n9=x\n=x\n", &[1, 4, 5]),
            (&format!("A={long}\nB hush"), &[2]),
        ] {
            assert_eq!(parse(text).1.iter().map(|malformed| malformed.line).collect::<Vec<_>>(), lines, "{text:?}");
        }
    }

    #[test]
    fn the_reason_is_reported_and_the_text_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".env");
        assert_eq!(read(&path), (Given::new(), Vec::new()));
        for (text, reason) in [
            (&b"A=1\nTOKEN_SECRET hush"[..], "line 2: it must be NAME=value"),
            (b"A=1\nTOKEN_SECRET='hush\n", "line 2: the quote that begins there must be closed"),
            (b"A=1\nTOKEN_SECRET=hush hush\n", "line 2: a value with a space"),
            (b"A=1\nTOKEN-SECRET=hush\n", "line 2: the name before ="),
            (b"A=1\nTOKEN_SECRET=hush\xff\n", "line 2: it must be UTF-8"),
        ] {
            fs::write(&path, text).unwrap();
            let sentences = format!("{:?}", read(&path).1);
            assert!(sentences.contains(reason) && !sentences.contains("hush"), "{sentences}");
        }
    }
}
