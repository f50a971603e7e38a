//! Text that people type: bounded, free of control characters, and comparable.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

/// Why a value was refused, in words for the person who sent it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(String);

impl Invalid {
    /// A refusal with its reason.
    pub fn new(reason: impl fmt::Display) -> Self {
        Self(reason.to_string())
    }
}

/// The form under which two spellings of a name are the same name: NFKC, case folded (by way of the upper case, so that `ß`
/// is `ss` and both small sigmas are one), white space folded.
#[must_use]
pub fn fold(text: &str) -> String {
    // Most names are ASCII, for which all of that is the lower case.
    let folded = if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        text.nfkc().flat_map(char::to_uppercase).flat_map(char::to_lowercase).nfkc().collect()
    };
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// One trimmed line of `min..=max` characters.
///
/// # Errors
/// When the length is outside the bounds or a control character is in it.
pub fn line(text: &str, min: usize, max: usize) -> Result<String, Invalid> {
    let text = text.trim();
    if text.chars().any(char::is_control) {
        return Err(Invalid::new("must be one line without control characters"));
    }
    bounded(text, min, max)
}

/// Prose of `min..=max` characters; line breaks and tabs are welcome, other control characters are not.
///
/// # Errors
/// When the length is outside the bounds or a control character is in it.
pub fn prose(text: &str, min: usize, max: usize) -> Result<String, Invalid> {
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(Invalid::new("must not contain control characters other than line breaks and tabs"));
    }
    bounded(text, min, max)
}

fn bounded(text: &str, min: usize, max: usize) -> Result<String, Invalid> {
    let length = text.chars().count();
    if (min..=max).contains(&length) {
        Ok(text.to_owned())
    } else {
        Err(Invalid::new(format!("must have {min} to {max} characters, has {length}")))
    }
}

/// Declares a newtype over text that is parsed by one function and serialises as that text.
macro_rules! parsed_text {
    ($(#[$doc:meta])* $name:ident, $parse:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(try_from = "String")]
        #[schemars(inline)]
        pub struct $name(String);

        impl $name {
            /// Parses what a person typed.
            ///
            /// # Errors
            /// With the reason, in words for that person.
            pub fn parse(text: &str) -> Result<Self, $crate::Invalid> {
                let parse: fn(&str) -> Result<String, $crate::Invalid> = $parse;
                parse(text).map(Self)
            }

            /// The text as it is stored and shown.
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
    fn spellings_of_one_name_fold_to_one_form() {
        assert_eq!(fold("  Zoë\u{3000}MARCHETTI "), "zoë marchetti");
        assert_eq!(fold("ﬁlm"), "film");
        assert_eq!(fold("Straße"), fold("STRASSE"));
        assert_eq!(fold("ΟΔΟΣ"), fold("οδος"));
        assert_eq!(fold("Zoe\u{308}"), fold("ZOË"));
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,40}") {
            prop_assert_eq!(fold(&fold(&text)), fold(&text));
        }

        #[test]
        fn ascii_folds_as_it_would_beside_other_letters(text in "[ -~]{0,40}") {
            let beside = fold(&format!("{text} é"));
            prop_assert_eq!(fold(&text), beside.trim_end_matches('é').trim());
        }

        #[test]
        fn a_parsed_line_parses_to_itself(text in "\\PC{0,40}") {
            if let Ok(once) = line(&text, 1, 20) {
                prop_assert_eq!(line(&once, 1, 20), Ok(once));
            }
        }
    }
}
