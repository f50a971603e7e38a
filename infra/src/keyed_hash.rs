//! HMAC-SHA256 under keys that are derived from the token secret, one for each use.

use domain::ServiceError;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// A key for one use.
#[derive(Clone)]
pub(crate) struct DerivedKey([u8; 32]);

impl DerivedKey {
    /// The key for a use, by its name.
    pub(crate) fn of(secret: &SecretString, name: &str) -> Result<Self, ServiceError> {
        Ok(Self(mac(secret.expose_secret().as_bytes(), &[name.as_bytes()])?.finalize().into_bytes().into()))
    }

    /// The hash of parts in a row.
    pub(crate) fn hash(&self, parts: &[&[u8]]) -> Result<[u8; 32], ServiceError> {
        Ok(mac(&self.0, parts)?.finalize().into_bytes().into())
    }

    /// Whether a hash is that of these parts, in a time that tells nothing about it.
    pub(crate) fn verify(&self, parts: &[&[u8]], hash: &[u8]) -> Result<bool, ServiceError> {
        Ok(mac(&self.0, parts)?.verify_slice(hash).is_ok())
    }
}

fn mac(key: &[u8], parts: &[&[u8]]) -> Result<Hmac<Sha256>, ServiceError> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(ServiceError::bug)?;
    for part in parts {
        mac.update(part);
    }
    Ok(mac)
}
