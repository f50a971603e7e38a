//! Settings given by the caller instead of being detected.

use encoding_rs::Encoding;

use super::cell::DecimalMark;
use super::error::{TableError, shorten};

/// Character around cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quote {
    /// `"`
    Double,
    /// `'`
    Single,
    /// Quotes are ordinary characters.
    None,
}

/// Settings as texts. Those absent are detected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct OverrideTexts<'a> {
    /// Label of an encoding, such as `windows-1252`.
    pub(crate) encoding: Option<&'a str>,
    /// `,` `;` `|` `:`, a tab or a space, or `comma`, `semicolon`, `pipe`, `colon`, `tab`, `space`.
    pub(crate) delimiter: Option<&'a str>,
    /// `"`, `'`, `double`, `single` or `none`.
    pub(crate) quote: Option<&'a str>,
    /// `.`, `,`, `point` or `comma`.
    pub(crate) decimal: Option<&'a str>,
    /// Whether the first row holds names.
    pub(crate) header: Option<bool>,
    /// Lines to leave out before the table.
    pub(crate) skip_rows: Option<u64>,
}

/// Settings given by the caller.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Overrides {
    /// Character encoding.
    pub(crate) encoding: Option<&'static Encoding>,
    /// Character between cells.
    pub(crate) delimiter: Option<u8>,
    /// Character around cells.
    pub(crate) quote: Option<Quote>,
    /// Character before fractions.
    pub(crate) decimal: Option<DecimalMark>,
    /// Whether the first row holds names.
    pub(crate) header: Option<bool>,
    /// Lines to leave out before the table.
    pub(crate) skip_rows: Option<u64>,
}

impl Overrides {
    /// Reads settings from texts.
    ///
    /// # Errors
    /// [`TableError::Setting`] names the setting and what it can be.
    pub(crate) fn parse(texts: OverrideTexts<'_>) -> Result<Self, TableError> {
        Ok(Self {
            encoding: texts.encoding.map(encoding).transpose()?,
            delimiter: texts.delimiter.map(delimiter).transpose()?,
            quote: texts.quote.map(quote).transpose()?,
            decimal: texts.decimal.map(decimal).transpose()?,
            header: texts.header,
            skip_rows: texts.skip_rows,
        })
    }
}

fn refusal(setting: &'static str, value: &str, allowed: &'static str) -> TableError {
    TableError::Setting { setting, value: shorten(value), allowed }
}

fn encoding(label: &str) -> Result<&'static Encoding, TableError> {
    Encoding::for_label_no_replacement(label.as_bytes())
        .filter(|encoding| *encoding != encoding_rs::X_USER_DEFINED)
        .ok_or_else(|| refusal("encoding", label, "a label of the WHATWG Encoding Standard, such as `utf-8` or `windows-1252`"))
}

fn delimiter(text: &str) -> Result<u8, TableError> {
    match text {
        "," | "comma" => Ok(b','),
        ";" | "semicolon" => Ok(b';'),
        "\t" | "\\t" | "tab" => Ok(b'\t'),
        "|" | "pipe" => Ok(b'|'),
        " " | "space" => Ok(b' '),
        ":" | "colon" => Ok(b':'),
        _ => Err(refusal("delimiter", text, "one of `,` `;` `|` `:` `tab` `space`")),
    }
}

/// The name of a delimiter, as it can be given.
pub(super) const fn delimiter_name(delimiter: Option<u8>) -> &'static str {
    match delimiter {
        Some(b',') => ",",
        Some(b';') => ";",
        Some(b'\t') => "tab",
        Some(b'|') => "|",
        Some(b' ') => "space",
        Some(b':') => ":",
        _ => "none",
    }
}

fn quote(text: &str) -> Result<Quote, TableError> {
    match text {
        "\"" | "double" => Ok(Quote::Double),
        "'" | "single" => Ok(Quote::Single),
        "none" | "" => Ok(Quote::None),
        _ => Err(refusal("quote", text, "`double`, `single` or `none`")),
    }
}

fn decimal(text: &str) -> Result<DecimalMark, TableError> {
    match text {
        "." | "point" => Ok(DecimalMark::Point),
        "," | "comma" => Ok(DecimalMark::Comma),
        _ => Err(refusal("decimal", text, "`point` or `comma`")),
    }
}

impl Quote {
    /// The character; nothing if quotes are ordinary characters.
    pub(super) const fn byte(self) -> Option<u8> {
        match self {
            Self::Double => Some(b'"'),
            Self::Single => Some(b'\''),
            Self::None => None,
        }
    }

    /// Its name, as it can be given.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Double => "\"",
            Self::Single => "'",
            Self::None => "none",
        }
    }
}
