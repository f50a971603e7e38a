//! Entity tags and preconditions: how a client names the version that it read (RFC 9110, sections 8.8.3 and 13.1).

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// A strong entity tag, without its quotes. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ETag(Arc<str>);

impl ETag {
    /// The tag of a resource with a version number.
    pub fn of_version(id: impl fmt::Display, version: i64) -> Self {
        Self(format!("{id}.{version}").into())
    }

    /// The tag of a payload that no single version describes: the first 128 bits of its SHA-256, in base64url.
    #[must_use]
    pub fn of_payload(payload: &[u8]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(&Sha256::digest(payload)[..16]).into())
    }

    /// The tag of a payload that contains this version of an entity and other data. It still matches the entity's version in `If-Match`.
    #[must_use]
    pub fn embedding(&self, payload: &[u8]) -> Self {
        Self(format!("{}+{}", self.0, Self::of_payload(payload).0).into())
    }

    fn matches(&self, version: &Self) -> bool {
        self.0.strip_prefix(&*version.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('+'))
    }

    /// A tag received from a client or read from a store. It is compared, never interpreted.
    pub fn opaque(tag: impl Into<Arc<str>>) -> Self {
        Self(tag.into())
    }

    /// The identifier in a tag of [`ETag::of_version`].
    #[must_use]
    pub fn identifier(&self) -> &str {
        self.0.split('.').next().unwrap_or_default()
    }

    /// The tag without quotes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The condition of `If-Match` on the current version of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Precondition {
    /// `*`: any version, if the resource exists.
    Exists,
    /// A version with one of these tags.
    OneOf(Vec<ETag>),
}

/// The resource has changed since the client read it (412).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the resource has changed since it was read")]
pub struct Stale;

impl Precondition {
    /// Checks that the current version meets the condition.
    ///
    /// # Errors
    /// [`Stale`] when it does not.
    pub fn check(&self, current: &ETag) -> Result<(), Stale> {
        match self {
            Self::OneOf(tags) if !tags.iter().any(|tag| tag.matches(current)) => Err(Stale),
            Self::Exists | Self::OneOf(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_precondition_matches_only_the_versions_that_it_names() {
        let current = ETag::of_version("A", 1);
        assert_eq!((current.identifier(), current.embedding(b"m").identifier()), ("A", "A"));
        let check = |tags: &[ETag]| Precondition::OneOf(tags.to_vec()).check(&current);
        assert_eq!(Precondition::Exists.check(&current), Ok(()));
        assert_eq!(check(&[ETag::of_version("A", 2), current.clone()]), Ok(()));
        assert_eq!(check(&[current.embedding(b"memories")]), Ok(()));
        for other in [ETag::of_version("A", 12), ETag::of_version("A", 2), ETag::of_version("B", 1)] {
            assert_eq!(check(&[other]), Err(Stale));
        }
    }
}
