//! The file `.env`.

use std::io::ErrorKind;
use std::path::Path;
use std::{fs, iter};

use dotenvy::Error;

use super::errors::SettingError;
use super::reader::Given;

/// The variables of a file up to its first error. A missing file has none.
pub(super) fn read(path: &Path) -> (Given, Option<SettingError>) {
    let name = path.display();
    match fs::read_to_string(path) {
        Ok(text) => {
            let (given, line) = parse(&text);
            (given, line.map(|line| SettingError::new(format!("{name} is malformed at line {line}: it must be NAME=value"))))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => (Given::new(), None),
        Err(error) => (Given::new(), Some(SettingError::new(format!("{name} cannot be read: {error}")))),
    }
}

/// The variables before the first malformed line, and the number of that line. The line itself is not reported: it may contain a
/// secret.
fn parse(text: &str) -> (Given, Option<usize>) {
    let text = text.trim_start_matches('\u{feff}');
    // Without a line break, a last line that ends in a space would be an error.
    let ended: Vec<u8> = text.bytes().chain(iter::once(b'\n')).collect();
    let mut given = Given::new();
    for item in dotenvy::from_read_iter(ended.as_slice()) {
        match item {
            // The first of two lines counts, as in dotenvy.
            Ok((name, value)) => drop(given.entry(name).or_insert(value)),
            Err(Error::LineParse(line, _)) => return (given, Some(number_of(&line, text))),
            Err(_) => return (given, Some(1)),
        }
    }
    (given, None)
}

fn number_of(line: &str, text: &str) -> usize {
    let first = line.lines().next().unwrap_or_default().trim_end();
    1 + text.lines().position(|candidate| candidate.starts_with(first)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_with_its_comments_and_quotes() {
        let (given, error) = parse("\u{feff}# a comment\nPORT=1\nexport HOST='a$b' # more\nEMPTY=\nPORT=2\nLAST=x ");
        assert_eq!(error, None);
        let expected = [("PORT", "1"), ("HOST", "a$b"), ("EMPTY", ""), ("LAST", "x")];
        assert_eq!(given, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    }

    #[test]
    fn a_malformed_line_is_reported_by_its_number_only() {
        assert_eq!(parse("A=1\n\nTOKEN_SECRET hush\n").1, Some(3));
        assert_eq!(parse("A=1\nTOKEN_SECRET='hush\nB=2\n").1, Some(2));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".env");
        assert_eq!(read(&path), (Given::new(), None));
        fs::write(&path, "TOKEN_SECRET hush").unwrap();
        let sentence = format!("{:?}", read(&path).1);
        assert!(sentence.contains("line 1") && !sentence.contains("hush"), "{sentence}");
    }
}
