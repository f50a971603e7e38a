//! The response of a cacheable read: the JSON bytes that the wire carries, their entity tag and their freshness.

use std::marker::PhantomData;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::revision::ETag;
use crate::{ServiceError, Time};

/// The JSON of a `T` as the wire carries it. Only [`CachedResponse::value`] parses it.
#[derive(Debug)]
pub struct CachedResponse<T> {
    /// The payload.
    pub json: Bytes,
    /// The strong entity tag of the payload.
    pub etag: ETag,
    /// When the value stops being true by itself, whatever the cache's time to live says.
    pub valid_until: Option<Time>,
    /// Where the answer came from.
    pub freshness: Freshness,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for CachedResponse<T> {
    fn clone(&self) -> Self {
        Self::from_parts(self.json.clone(), self.etag.clone(), self.valid_until, self.freshness)
    }
}

/// Where an answer came from, as `Cache-Status` tells it (RFC 9211).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// Read from the database, by a service that has no cache around it.
    Origin,
    /// Served from a cache; `ttl` is what is left of its life, in seconds.
    Hit {
        /// The layer that held it.
        layer: Layer,
        /// Seconds left to live.
        ttl: i64,
    },
    /// Loaded because no cache held it.
    Miss {
        /// The cache accepted the value.
        stored: bool,
        /// The load was shared with other requests.
        collapsed: bool,
    },
    /// Loaded without asking the cache.
    Bypass(Bypass),
}

/// Why a cache was not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bypass {
    /// The shared store does not answer.
    StoreUnavailable,
    /// The change log has not been read lately, so that no cached value can be judged.
    LogBehind,
}

/// A layer of the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// This process.
    Local,
    /// The store that all workers share.
    Shared,
}

impl<T> CachedResponse<T> {
    /// An answer from its parts.
    #[must_use]
    pub fn from_parts(json: Bytes, etag: ETag, valid_until: Option<Time>, freshness: Freshness) -> Self {
        Self { json, etag, valid_until, freshness, of: PhantomData }
    }

    /// The same payload with another history.
    #[must_use]
    pub fn with_freshness(self, freshness: Freshness) -> Self {
        Self { freshness, ..self }
    }

    /// The same payload under another tag.
    #[must_use]
    pub fn with_etag(self, etag: ETag) -> Self {
        Self { etag, ..self }
    }

    /// The same payload, true only until `end`.
    #[must_use]
    pub fn until(self, end: Option<Time>) -> Self {
        Self { valid_until: end, ..self }
    }
}

impl<T: Serialize> CachedResponse<T> {
    /// The answer for a value without a version of its own; tagged by its bytes.
    ///
    /// # Errors
    /// A value that cannot be written as JSON is a bug.
    pub fn of(value: &T) -> Result<Self, ServiceError> {
        let json = Bytes::from(serde_json::to_vec(value)?);
        let etag = ETag::of_payload(&json);
        Ok(Self::from_parts(json, etag, None, Freshness::Origin))
    }

    /// The answer for a value that its entity's version describes fully.
    ///
    /// # Errors
    /// A value that cannot be written as JSON is a bug.
    pub fn tagged(value: &T, etag: ETag) -> Result<Self, ServiceError> {
        let json = Bytes::from(serde_json::to_vec(value)?);
        Ok(Self::from_parts(json, etag, None, Freshness::Origin))
    }
}

impl<T: DeserializeOwned> CachedResponse<T> {
    /// The typed value.
    ///
    /// # Errors
    /// A payload that is not a `T` is a bug.
    pub fn value(&self) -> Result<T, ServiceError> {
        Ok(serde_json::from_slice(&self.json)?)
    }
}
