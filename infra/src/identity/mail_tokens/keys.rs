//! The text of tokens: the id of its row and a hash under a key that is derived from the token secret.

use std::sync::Arc;

use domain::ServiceError;
use domain::ids::MailTokenId;
use secrecy::SecretString;

use super::rows::MailToken;
use crate::db::word;
use crate::keyed_hash::DerivedKey;

/// The characters of an id.
const ID: usize = 26;

/// Writes and verifies the text of tokens.
#[derive(Clone)]
pub(crate) struct TokenKeys {
    sign: DerivedKey,
    /// The keys of all accepted secrets, first the one that signs.
    read: Arc<[DerivedKey]>,
}

impl TokenKeys {
    /// Signs under one secret, and accepts it and further ones.
    pub(crate) fn new(secret: &SecretString, accepted: &[SecretString]) -> Result<Self, ServiceError> {
        let of = |secret| DerivedKey::of(secret, "atelier mail tokens");
        let read = std::iter::once(secret).chain(accepted).map(of).collect::<Result<Arc<[_]>, _>>()?;
        Ok(Self { sign: of(secret)?, read })
    }

    /// The text of a token.
    pub(crate) fn text(&self, token: &MailToken) -> Result<String, ServiceError> {
        let hash = signed(token, |parts| self.sign.hash(parts))?;
        Ok(format!("{}{}", token.id, hex::encode(hash)))
    }

    /// Whether a text is that of a token.
    pub(crate) fn verify(&self, text: &str, token: &MailToken) -> Result<bool, ServiceError> {
        let Some(Ok(hash)) = text.get(ID..).map(hex::decode) else { return Ok(false) };
        for key in self.read.iter() {
            if signed(token, |parts| key.verify(parts, &hash))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The id in a text.
    pub(crate) fn id(text: &str) -> Option<MailTokenId> {
        text.get(..ID)?.parse().ok()
    }
}

/// Applies a hash to what the text of a token vouches for.
fn signed<T>(token: &MailToken, hash: impl FnOnce(&[&[u8]]) -> Result<T, ServiceError>) -> Result<T, ServiceError> {
    let (id, purpose) = (token.id.to_string(), word(&token.purpose)?);
    hash(&[purpose.as_bytes(), b" ", id.as_bytes(), b" ", token.address.as_str().as_bytes()])
}

#[cfg(test)]
mod tests {
    use domain::identity::Email;
    use domain::{Language, Time};

    use super::super::purpose::Purpose;
    use super::*;

    fn token() -> MailToken {
        MailToken {
            id: MailTokenId::generate(Time::UNIX_EPOCH),
            purpose: Purpose::PasswordReset,
            user: None,
            address: Email::parse("anna@example.com").unwrap(),
            language: Language::En,
            details: None,
            expires_at: Time::UNIX_EPOCH,
        }
    }

    fn keys(secret: &str, accepted: &[&str]) -> TokenKeys {
        let accepted: Vec<SecretString> = accepted.iter().map(|secret| SecretString::from(*secret)).collect();
        TokenKeys::new(&SecretString::from(secret), &accepted).unwrap()
    }

    #[test]
    fn a_text_is_good_for_its_own_token_only() {
        let (keys, token) = (keys("one secret", &[]), token());
        let text = keys.text(&token).unwrap();
        assert!(keys.verify(&text, &token).unwrap() && text.len() == 90);
        assert_eq!(TokenKeys::id(&text), Some(token.id));
        let others = [
            MailToken { purpose: Purpose::Verification, ..token.clone() },
            MailToken { address: Email::parse("ben@example.com").unwrap(), ..token.clone() },
            MailToken { id: MailTokenId::generate(Time::UNIX_EPOCH), ..token.clone() },
        ];
        assert!(others.iter().all(|other| !keys.verify(&text, other).unwrap()));
    }

    #[test]
    fn a_wrong_text_is_refused() {
        let (keys, token) = (keys("one secret", &[]), token());
        let text = keys.text(&token).unwrap();
        for wrong in ["", "é", &text[..26], &text[..88], &format!("{text}00"), &text.replace(['0', '1', '2', '3'], "4")] {
            assert!(!keys.verify(wrong, &token).unwrap(), "{wrong}");
        }
        assert!(["", "é", &"é".repeat(13), &text.to_lowercase()].iter().all(|wrong| TokenKeys::id(wrong).is_none()));
    }

    #[test]
    fn a_text_of_an_accepted_secret_is_good() {
        let (old, token) = (keys("old secret", &[]), token());
        let text = old.text(&token).unwrap();
        assert!(keys("new secret", &["old secret"]).verify(&text, &token).unwrap());
        assert!(!keys("new secret", &[]).verify(&text, &token).unwrap());
        assert_ne!(keys("new secret", &["old secret"]).text(&token).unwrap(), text);
    }
}
