//! Parsers of user input: length limits, no control characters, and a folded form for comparison.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

/// Why a value is invalid, as a message for the client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(String);

impl Invalid {
    /// An error with its reason.
    pub fn new(reason: impl fmt::Display) -> Self {
        Self(reason.to_string())
    }
}

/// The folded form of a name; names with the same folded form are equal. It applies NFKC, folds case and collapses white space.
/// Case folding goes through upper case, so that `ß` equals `ss` and both lower-case sigmas are equal.
#[must_use]
pub fn fold(text: &str) -> String {
    // For ASCII, which most names are, the folded form is the lower case.
    let folded = if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        text.nfkc().flat_map(char::to_uppercase).flat_map(char::to_lowercase).nfkc().collect()
    };
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a character shows nothing: those that Unicode lets programs ignore, and letters that look blank.
#[must_use]
pub fn is_invisible(char: char) -> bool {
    matches!(char,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Parses one line of `min..=max` characters and trims it.
///
/// # Errors
/// [`Invalid`] when the length is outside the bounds, or the text contains a forbidden control character.
pub fn line(text: &str, min: usize, max: usize) -> Result<String, Invalid> {
    let text = text.trim();
    if text.chars().any(char::is_control) {
        return Err(Invalid::new("must be one line without control characters"));
    }
    check_length(text, min, max)
}

/// Parses text of `min..=max` characters. Line breaks and tabs are allowed, other control characters are not.
///
/// # Errors
/// [`Invalid`] when the length is outside the bounds, or the text contains a forbidden control character.
pub fn prose(text: &str, min: usize, max: usize) -> Result<String, Invalid> {
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(Invalid::new("must not contain control characters other than line breaks and tabs"));
    }
    check_length(text, min, max)
}

fn check_length(text: &str, min: usize, max: usize) -> Result<String, Invalid> {
    let length = text.chars().count();
    if (min..=max).contains(&length) {
        Ok(text.to_owned())
    } else {
        Err(Invalid::new(format!("must have {min} to {max} characters, has {length}")))
    }
}

/// Declares a newtype over text. One function parses it, and it serializes as that text.
macro_rules! parsed_text {
    ($(#[$doc:meta])* $name:ident, $parse:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(try_from = "String")]
        #[schemars(inline)]
        pub struct $name(String);

        impl $name {
            /// Parses user input.
            ///
            /// # Errors
            /// [`Invalid`](crate::Invalid) with the reason, as a message for the client.
            pub fn parse(text: &str) -> Result<Self, $crate::Invalid> {
                let parse: fn(&str) -> Result<String, $crate::Invalid> = $parse;
                parse(text).map(Self)
            }

            /// The text as it is stored and displayed.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::Invalid;

            fn try_from(text: String) -> Result<Self, $crate::Invalid> {
                Self::parse(&text)
            }
        }
    };
}
pub(crate) use parsed_text;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn equal_names_have_the_same_folded_form() {
        assert_eq!(fold("  Zoë\u{3000}MARCHETTI "), "zoë marchetti");
        assert_eq!(fold("ﬁlm"), "film");
        assert_eq!(fold("Straße"), fold("STRASSE"));
        assert_eq!(fold("ΟΔΟΣ"), fold("οδος"));
        assert_eq!(fold("Zoe\u{308}"), fold("ZOË"));
    }

    proptest! {
        #[test]
        fn folding_is_idempotent(text in "\\PC{0,40}") {
            prop_assert_eq!(fold(&fold(&text)), fold(&text));
        }

        #[test]
        fn ascii_folds_the_same_with_and_without_other_letters(text in "[ -~]{0,40}") {
            let with_other = fold(&format!("{text} é"));
            prop_assert_eq!(fold(&text), with_other.trim_end_matches('é').trim());
        }

        #[test]
        fn parsing_a_line_is_idempotent(text in "\\PC{0,40}") {
            if let Ok(once) = line(&text, 1, 20) {
                prop_assert_eq!(line(&once, 1, 20), Ok(once));
            }
        }
    }
}
