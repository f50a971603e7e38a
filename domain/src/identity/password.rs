//! New passwords.

use std::collections::HashSet;
use std::sync::LazyLock;

use secrecy::{ExposeSecret, SecretString};
use unicode_normalization::UnicodeNormalization;

use super::{Email, Username};
use crate::Invalid;
use crate::text::{fold, is_invisible};

/// The commonest passwords that are long enough, in lower case.
static COMMON: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("common_passwords.txt").lines().filter(|line| !line.starts_with("# ")).collect());

/// A new password in NFC: 8 to 256 characters without control characters, something visible among them, none of the 10,000 commonest
/// (NIST SP 800-63B, section 5.1.1). It is never trimmed, displayed, logged or stored.
#[derive(Debug, Clone)]
pub struct Password(SecretString);

impl Password {
    /// Parses a new password.
    ///
    /// # Errors
    /// [`Invalid`] when it is too short, too long, invisible or common, or has a control character.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text: String = text.nfc().collect();
        if !(8..=256).contains(&text.chars().count()) {
            return Err(Invalid::new("must have 8 to 256 characters"));
        }
        if text.chars().any(char::is_control) {
            return Err(Invalid::new("must not contain control characters"));
        }
        let comparable = comparable(&text);
        if comparable.is_empty() {
            return Err(Invalid::new("must have other characters than white space and invisible ones"));
        }
        if COMMON.contains(comparable.as_str()) {
            return Err(Invalid::new("is one of the commonest passwords: choose another one"));
        }
        Ok(Self(SecretString::from(text)))
    }

    /// Checks that the password is not the address of its user, a part of it, or the username.
    ///
    /// # Errors
    /// [`Invalid`] when it is.
    pub fn check_user(&self, email: &Email, username: &Username) -> Result<(), Invalid> {
        if is_address(&self.0, email) || is_username(&self.0, username) {
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

/// Whether a password is an e-mail address, its local part or its domain, in any spelling.
#[must_use]
pub fn is_address(password: &SecretString, email: &Email) -> bool {
    let (password, domain) = (comparable(password.expose_secret()), email.domain_in_unicode());
    let (whole, local) = (email.as_str(), email.local_part());
    [whole, local, email.domain(), &domain, &format!("{local}@{domain}")].into_iter().any(|own| comparable(own) == password)
}

/// Whether a password is a username, in any spelling.
#[must_use]
pub fn is_username(password: &SecretString, username: &Username) -> bool {
    comparable(password.expose_secret()) == comparable(username.as_str())
}

/// The form in which passwords are compared: folded, without invisible characters.
fn comparable(text: &str) -> String {
    fold(&text.chars().filter(|char| !is_invisible(*char)).collect::<String>())
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
        let common =
            ["password", "PassWord", "12345678", "password1", "qwertyuiop", "ｐａｓｓｗｏｒｄ", "pass\u{200b}word", " password "];
        let blank =
            ["        ", "\u{3000}\u{a0}\u{2003}     ", "\u{200b}\u{2060}\u{feff}\u{ad}\u{3164}\u{2800}\u{e0001}\u{202e}"];
        let with_control = ["correct\0horse", "correct\thorse", "correct horse\n", "correct\u{85}horse", "\u{7f}correct horse"];
        for wrong in common.into_iter().chain(blank).chain(with_control) {
            assert!(Password::parse(wrong).is_err(), "{wrong:?}");
        }
        assert_eq!(Password::parse(" correct horse ").unwrap().expose(), " correct horse ");
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
        let (email, username) = (Email::parse("Jörg.Müller@bücher.example").unwrap(), Username::parse("joerg-mueller").unwrap());
        let check = |text| Password::parse(text).unwrap().check_user(&email, &username);
        let addresses =
            ["jörg.müller@bücher.example", "Jörg.Müller@XN--bcher-kva.example", "ｊörg.müller@bücher\u{200b}.example"];
        let parts = ["JÖRG.Mu\u{308}ller", "BÜCHER.example", "xn--bcher-kva.example", "Joerg-Mueller"];
        for own in addresses.into_iter().chain(parts) {
            assert!(check(own).is_err(), "{own}");
        }
        assert!(check("joerg-mueller!").is_ok());
    }
}
