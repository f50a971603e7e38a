//! The fingerprints of token secrets: servers compare them through the table of workers, which holds no secret.
//!
//! A fingerprint is a keyed hash of a constant under the secret. Whoever reads it can try guesses of the secret, as with any token,
//! so secrets have at least 32 bytes.

use std::collections::BTreeSet;

use domain::ServiceError;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// The constant that is hashed under each secret.
const MESSAGE: &str = "atelier: fingerprint of a token secret";

/// The fingerprints of one worker's secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fingerprints {
    signs: String,
    accepts: BTreeSet<String>,
}

impl Fingerprints {
    /// The fingerprints of the secret that signs and of further ones that are accepted.
    ///
    /// # Errors
    /// When a hash cannot be computed: a bug.
    pub(crate) fn of(signs: &SecretString, accepted: &[SecretString]) -> Result<Self, ServiceError> {
        let signs = fingerprint(signs)?;
        let further: Result<Vec<String>, ServiceError> = accepted.iter().map(fingerprint).collect();
        Ok(Self { accepts: further?.into_iter().chain([signs.clone()]).collect(), signs })
    }

    /// Fingerprints from the columns of a row.
    pub(super) fn parse(signs: String, accepts: &str) -> Self {
        Self { signs, accepts: accepts.split(',').map(str::to_owned).collect() }
    }

    /// The fingerprint of the secret that signs.
    pub(super) fn signs(&self) -> &str {
        &self.signs
    }

    /// The fingerprints of all accepted secrets, separated by commas.
    pub(super) fn accepts(&self) -> String {
        self.accepts.iter().map(String::as_str).collect::<Vec<_>>().join(",")
    }

    /// Whether each of the two accepts the tokens of the other.
    pub(super) fn agree_with(&self, other: &Self) -> bool {
        self.accepts.contains(&other.signs) && other.accepts.contains(&self.signs)
    }
}

fn fingerprint(secret: &SecretString) -> Result<String, ServiceError> {
    let mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()).map_err(ServiceError::bug)?;
    Ok(hex::encode(&mac.chain_update(MESSAGE).finalize().into_bytes()[..16]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(signs: &str, accepted: &[&str]) -> Fingerprints {
        let accepted: Vec<SecretString> = accepted.iter().map(|secret| SecretString::from(*secret)).collect();
        Fingerprints::of(&SecretString::from(signs), &accepted).unwrap()
    }

    #[test]
    fn two_servers_agree_if_each_accepts_the_tokens_of_the_other() {
        assert!(of("a", &[]).agree_with(&of("a", &[])));
        assert!(!of("a", &[]).agree_with(&of("b", &[])));
        assert!(!of("a", &["b"]).agree_with(&of("b", &[])) && !of("b", &[]).agree_with(&of("a", &["b"])));
        assert!(of("a", &["b"]).agree_with(&of("b", &["a"])));
        assert!(of("a", &["b"]).agree_with(&of("a", &[])));
    }

    #[test]
    fn a_row_gives_the_same_fingerprints_and_no_secret() {
        let fingerprints = of("hush", &["quiet"]);
        let (signs, accepts) = (fingerprints.signs().to_owned(), fingerprints.accepts());
        assert!(!format!("{signs}{accepts}").contains("hush") && signs.len() == 32 && accepts.len() == 65);
        assert_eq!(Fingerprints::parse(signs, &accepts), fingerprints);
    }
}
