//! The text of a key: `atl_`, the letter of its kind, 43 random characters, and 6 characters of checksum.
//!
//! The fixed beginning and the checksum let scanners of source code find lost keys, and refuse a mistyped one without a query. 43
//! characters of 62 have 256 random bits.

use rand::distr::{Alphanumeric, SampleString};
use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

const MARK: &str = "atl_";
const RANDOM: usize = 43;
const CHECKSUM: usize = 6;
/// Characters that lists show: the mark, the kind and six random ones. The others have more than 220 random bits.
const SHOWN: usize = MARK.len() + 1 + 6;
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Whom a key acts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ApiKeyKind")]
pub enum KeyKind {
    /// Its user.
    User,
    /// The site: for the user that a request names, or for nobody.
    Service,
}

impl KeyKind {
    const ALL: [Self; 2] = [Self::User, Self::Service];

    const fn letter(self) -> char {
        match self {
            Self::User => 'u',
            Self::Service => 's',
        }
    }
}

/// The text of a key. It is never stored, logged or displayed again.
#[derive(Debug, Clone)]
pub struct KeyText {
    kind: KeyKind,
    text: SecretString,
}

impl KeyText {
    /// A new key.
    #[must_use]
    pub fn generate(kind: KeyKind) -> Self {
        let random = Alphanumeric.sample_string(&mut rand::rng(), RANDOM);
        let body = format!("{MARK}{}{random}", kind.letter());
        let text = SecretString::from(format!("{body}{}", checksum(&body)));
        Self { kind, text }
    }

    /// Parses what a request presents. `None` if it is no key, or a mistyped one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let letter = text.strip_prefix(MARK)?.chars().next()?;
        let kind = KeyKind::ALL.into_iter().find(|kind| kind.letter() == letter)?;
        let is_long_enough = text.len() == MARK.len() + 1 + RANDOM + CHECKSUM && text.is_ascii();
        let (body, sum) = text.split_at_checked(text.len().checked_sub(CHECKSUM)?)?;
        (is_long_enough && checksum(body) == sum).then(|| Self { kind, text: SecretString::from(text) })
    }

    /// Whom it acts for.
    #[must_use]
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The beginning that lists show, to tell keys apart.
    #[must_use]
    pub fn prefix(&self) -> &str {
        self.expose().get(..SHOWN).unwrap_or_default()
    }

    /// What is stored: SHA-256 of the text. The text is random, so no slower hash is needed.
    #[must_use]
    pub fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.expose()).to_vec()
    }

    /// The text, for the one response that shows it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }
}

/// CRC-32 of a text as six characters.
fn checksum(body: &str) -> String {
    let mut rest = crc32fast::hash(body.as_bytes());
    let mut digits = [b'0'; CHECKSUM];
    for digit in digits.iter_mut().rev() {
        let (quotient, remainder) = (rest / 62, rest % 62);
        *digit = DIGITS.get(usize::try_from(remainder).unwrap_or_default()).copied().unwrap_or(b'0');
        rest = quotient;
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_key_parses_and_says_its_kind() {
        for kind in KeyKind::ALL {
            let key = KeyText::generate(kind);
            let parsed = KeyText::parse(key.expose()).unwrap();
            assert_eq!((parsed.kind(), parsed.hash()), (kind, key.hash()));
            assert_eq!((key.expose().len(), key.prefix().len()), (54, 11));
            assert!(key.prefix().starts_with(&format!("atl_{}", kind.letter())));
            assert!(key.expose().bytes().skip(4).all(|byte| byte.is_ascii_alphanumeric()));
        }
        assert_ne!(KeyText::generate(KeyKind::User).hash(), KeyText::generate(KeyKind::User).hash());
    }

    #[test]
    fn a_key_with_a_wrong_character_is_none() {
        let key = KeyText::generate(KeyKind::User);
        let text = key.expose();
        for place in 0..text.len() {
            let mut wrong = text.to_owned();
            wrong.replace_range(place..=place, if &text[place..=place] == "x" { "y" } else { "x" });
            assert!(KeyText::parse(&wrong).is_none(), "a wrong character at {place}");
        }
        let swapped = text.replacen("atl_u", "atl_s", 1);
        for wrong in ["", "atl_", "atl_u", &text[..53], &format!("{text}0"), &swapped, "atl_ué", &"é".repeat(27)] {
            assert!(KeyText::parse(wrong).is_none(), "{} characters", wrong.len());
        }
    }

    /// A fixed one, so that scanners can be taught: CRC-32 (IEEE) of the body, base 62 of `0-9A-Za-z`, most significant first.
    #[test]
    fn the_checksum_of_a_text_never_changes() {
        assert_eq!(crc32fast::hash(b"123456789"), 0xcbf4_3926);
        assert_eq!(checksum("123456789"), "3jZRME");
        assert_eq!(checksum(""), "000000");
    }

    #[test]
    fn debug_output_does_not_contain_the_key() {
        let key = KeyText::generate(KeyKind::Service);
        assert!(!format!("{key:?}").contains(&key.expose()[5..]));
    }
}
