//! Usernames.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Invalid;
use crate::text::line;

/// A username: 3 to 32 ASCII letters, digits, `_`, `-` or `.`, the first and the last a letter or a digit; unique without regard to
/// case.
///
/// A stored username is not checked again: older rules accepted more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct Username(String);

impl Username {
    /// Parses a new username.
    ///
    /// # Errors
    /// [`Invalid`] for other text.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = line(text, 3, 32)?;
        if !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte)) {
            return Err(Invalid::new("may have ASCII letters, digits, '_', '-' and '.' only"));
        }
        let is_bounded =
            [text.bytes().next(), text.bytes().last()].into_iter().flatten().all(|byte| byte.is_ascii_alphanumeric());
        if is_bounded { Ok(Self(text)) } else { Err(Invalid::new("must begin and end with a letter or a digit")) }
    }

    /// The username as it is stored and displayed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_username_begins_and_ends_with_a_letter_or_a_digit() {
        for name in ["abc", "a-b", "a..b", "007", " anna.b_c-d "] {
            assert!(Username::parse(name).is_ok(), "{name}");
        }
        for name in ["...", "---", "___", "a--", ".ab", "-ab", "ab_", "a", "ab", "änna", "a b c", &"x".repeat(33)] {
            assert!(Username::parse(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_stored_username_stays_usable() {
        let stored: Username = serde_json::from_str("\"...\"").unwrap();
        assert_eq!(stored.as_str(), "...");
    }
}
