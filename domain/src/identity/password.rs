//! New passwords.

use std::collections::HashSet;
use std::sync::LazyLock;

use secrecy::{ExposeSecret, SecretString};
use unicode_normalization::UnicodeNormalization;

use super::{Email, Username};
use crate::Invalid;
use crate::text::fold;

/// The commonest passwords that are long enough, in lower case.
static COMMON: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("common_passwords.txt").lines().filter(|line| !line.starts_with("# ")).collect());

/// A new password in NFC: 8 to 256 characters, none of the 10,000 commonest (NIST SP 800-63B, section 5.1.1). It is never displayed,
/// logged or stored.
#[derive(Debug, Clone)]
pub struct Password(SecretString);

impl Password {
    /// Parses a new password.
    ///
    /// # Errors
    /// [`Invalid`] when it is too short, too long, blank or common.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text: String = text.nfc().collect();
        if !(8..=256).contains(&text.chars().count()) {
            return Err(Invalid::new("must have 8 to 256 characters"));
        }
        if text.trim().is_empty() {
            return Err(Invalid::new("must have other characters than white space"));
        }
        if COMMON.contains(text.to_lowercase().as_str()) {
            return Err(Invalid::new("is one of the commonest passwords: choose another one"));
        }
        Ok(Self(SecretString::from(text)))
    }

    /// Checks that the password is not the address, the local part of the address, or the username of its user.
    ///
    /// # Errors
    /// [`Invalid`] when it is.
    pub fn check_user(&self, email: &Email, username: &Username) -> Result<(), Invalid> {
        let password = fold(self.expose());
        let own = [email.as_str(), email.local_part(), username.as_str()];
        if own.into_iter().any(|own| fold(own) == password) {
            Err(Invalid::new("must not be the e-mail address, a part of it, or the username"))
        } else {
            Ok(())
        }
    }

    /// The plain text, for hashing.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// The spellings of a typed password to check against a hash: NFC, in which passwords are hashed, then the typed one and NFD, in which
/// they may have been hashed before.
#[must_use]
pub fn spellings(typed: &SecretString) -> Vec<SecretString> {
    let typed = typed.expose_secret();
    let (nfc, nfd): (String, String) = (typed.nfc().collect(), typed.nfd().collect());
    let mut spellings = vec![nfc];
    for other in [typed.to_owned(), nfd] {
        if !spellings.contains(&other) {
            spellings.push(other);
        }
    }
    spellings.into_iter().map(SecretString::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_does_not_contain_the_password() {
        let password = Password::parse("correct horse").unwrap();
        assert!(!format!("{password:?}").contains("horse"));
    }

    #[test]
    fn a_password_has_8_to_256_characters_in_nfc() {
        assert!(Password::parse("schlüssl").is_ok());
        for wrong in ["schlüss", "e\u{301}e\u{301}e\u{301}e\u{301}", &"x".repeat(257)] {
            assert!(Password::parse(wrong).is_err(), "{wrong}");
        }
        assert!(Password::parse(&"ä".repeat(256)).is_ok());
        assert_eq!(Password::parse("Schlu\u{308}ssel-cafe\u{301}").unwrap().expose(), "Schlüssel-café");
    }

    #[test]
    fn common_and_blank_passwords_are_refused() {
        for wrong in ["password", "PassWord", "12345678", "password1", "qwertyuiop", "        ", "\u{3000}\u{a0}\t\n    "] {
            assert!(Password::parse(wrong).is_err(), "{wrong}");
        }
        assert!(Password::parse("correct horse battery staple").is_ok());
        assert!(COMMON.len() > 2_000, "{}", COMMON.len());
    }

    #[test]
    fn a_typed_password_has_one_spelling_unless_it_has_composed_letters() {
        let of = |typed: &str| spellings(&typed.into()).iter().map(|one| one.expose_secret().to_owned()).collect::<Vec<_>>();
        assert_eq!(of("correct horse"), ["correct horse"]);
        assert_eq!(of("café"), ["café", "cafe\u{301}"]);
        assert_eq!(of("cafe\u{301}"), ["café", "cafe\u{301}"]);
    }

    #[test]
    fn a_password_is_not_the_name_of_its_user() {
        let (email, username) = (Email::parse("Jörg.Müller@example.com").unwrap(), Username::parse("joerg-mueller").unwrap());
        let check = |text| Password::parse(text).unwrap().check_user(&email, &username);
        for own in ["jörg.müller@example.com", "JÖRG.Mu\u{308}ller", "Joerg-Mueller"] {
            assert!(check(own).is_err(), "{own}");
        }
        assert!(check("joerg-mueller!").is_ok());
    }
}
