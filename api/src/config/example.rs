//! `.env.example`, written from the table.

use std::fmt::{self, Write};

use super::table::{self, Variable, Without};

const HEAD: &str = "\
# Every setting of Atelier. Copy this file to `.env` and uncomment what you change; nothing is required for a first try.
# A variable of the environment comes before a line of `.env`; an empty value counts as absent.
# Quote with '…' what contains a space, a # or a $. Written by `atelier config --example`.
";

/// The text of `.env.example`.
pub(crate) struct Example;

impl fmt::Display for Example {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HEAD)?;
        table::all().try_for_each(|variable| entry(variable, f))
    }
}

fn entry(variable: &Variable, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if !variable.about.is_empty() {
        f.write_char('\n')?;
        comment(variable.about, f)?;
        comment(&format!("Must be {}.", variable.allowed), f)?;
    }
    match &variable.without {
        Without::Default(value) => writeln!(f, "#{}={value}", variable.name),
        Without::Otherwise { then, example } => {
            let example_follows = if example.is_empty() { "" } else { " For example:" };
            comment(&format!("Without it: {then}.{example_follows}"), f)?;
            writeln!(f, "#{}={example}", variable.name)
        }
    }
}

/// A comment, broken into lines of bearable length.
fn comment(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut column = 0;
    for word in text.split_whitespace() {
        let fits = column > 0 && column + 1 + word.len() <= 110;
        f.write_str(if fits {
            " "
        } else if column > 0 {
            "\n#   "
        } else {
            "# "
        })?;
        f.write_str(word)?;
        column = if fits { column + 1 + word.len() } else { 2 + word.len() };
    }
    f.write_char('\n')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;
    use crate::config::reader::Given;

    fn committed() -> &'static str {
        include_str!("../../../.env.example")
    }

    /// The lines of the file as if each had been uncommented.
    fn assignments() -> impl Iterator<Item = (&'static str, &'static str)> {
        let lines = committed().lines().filter_map(|line| line.strip_prefix('#'));
        lines.filter(|line| !line.starts_with(' ')).filter_map(|line| line.split_once('='))
    }

    #[test]
    fn the_committed_file_names_exactly_the_variables_of_the_table() {
        let table: Vec<&str> = table::all().map(|variable| variable.name.as_ref()).collect();
        assert_eq!(assignments().map(|(name, _)| name).collect::<Vec<_>>(), table);
    }

    #[test]
    fn the_committed_file_is_what_the_table_writes() {
        assert!(committed() == Example.to_string(), "write it anew: atelier config --example > .env.example");
    }

    #[test]
    fn every_line_of_the_committed_file_is_a_good_setting() {
        let given: Given = assignments().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        assert!(Settings::parse(&given).is_ok(), "{:?}", Settings::parse(&given));
    }
}
