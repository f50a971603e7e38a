//! Entity tags and preconditions: how a client says which state it saw (RFC 9110, sections 8.8.3 and 13.1).

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// A strong entity tag, without its quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ETag(String);

impl ETag {
    /// The tag of a resource that counts its versions.
    pub fn of_version(id: impl fmt::Display, version: i64) -> Self {
        Self(format!("{id}.{version}"))
    }

    /// The tag of bytes that are shaped by more than one version: 128 bits of their SHA-256.
    #[must_use]
    pub fn of_payload(payload: &[u8]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(&Sha256::digest(payload)[..16]))
    }

    /// A tag as a client sent it or a store kept it; it is compared, never interpreted.
    pub fn opaque(tag: impl Into<String>) -> Self {
        Self(tag.into())
    }

    /// The tag without quotes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What `If-Match` demands of the state that a change is made to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Precondition {
    /// `*`: whatever exists.
    Exists,
    /// One of these tags.
    OneOf(Vec<ETag>),
}

/// The state changed since the client saw it (412).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the resource has changed since it was read")]
pub struct Stale;

impl Precondition {
    /// Lets a change pass only when the current state is one that the client named.
    ///
    /// # Errors
    /// [`Stale`] when it is not.
    pub fn check(&self, current: &ETag) -> Result<(), Stale> {
        match self {
            Self::OneOf(tags) if !tags.contains(current) => Err(Stale),
            Self::Exists | Self::OneOf(_) => Ok(()),
        }
    }
}
