//! Entity tags and preconditions: how a client says which state it saw (RFC 9110, sections 8.8.3 and 13.1).

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// A strong entity tag, without its quotes. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ETag(Arc<str>);

impl ETag {
    /// The tag of a resource that counts its versions.
    pub fn of_version(id: impl fmt::Display, version: i64) -> Self {
        Self(format!("{id}.{version}").into())
    }

    /// The tag of bytes that are shaped by more than one version: 128 bits of their SHA-256.
    #[must_use]
    pub fn of_payload(payload: &[u8]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(&Sha256::digest(payload)[..16]).into())
    }

    /// The tag of a version of an entity that is shown with more than itself; it still names the entity's version.
    #[must_use]
    pub fn embedding(&self, payload: &[u8]) -> Self {
        Self(format!("{}+{}", self.0, Self::of_payload(payload).0).into())
    }

    fn names(&self, version: &Self) -> bool {
        self.0.strip_prefix(&*version.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('+'))
    }

    /// A tag as a client sent it or a store kept it; it is compared, never interpreted.
    pub fn opaque(tag: impl Into<Arc<str>>) -> Self {
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
            Self::OneOf(tags) if !tags.iter().any(|tag| tag.names(current)) => Err(Stale),
            Self::Exists | Self::OneOf(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_precondition_holds_for_the_version_it_names_and_for_no_other() {
        let current = ETag::of_version("A", 1);
        let named = |tags: &[ETag]| Precondition::OneOf(tags.to_vec()).check(&current);
        assert_eq!(Precondition::Exists.check(&current), Ok(()));
        assert_eq!(named(&[ETag::of_version("A", 2), current.clone()]), Ok(()));
        assert_eq!(named(&[current.embedding(b"memories")]), Ok(()));
        for other in [ETag::of_version("A", 12), ETag::of_version("A", 2), ETag::of_version("B", 1)] {
            assert_eq!(named(&[other]), Err(Stale));
        }
    }
}
