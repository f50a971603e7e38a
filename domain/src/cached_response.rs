//! The response of a cacheable read: the JSON bytes that the wire carries, their entity tag and their freshness.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::revision::ETag;
use crate::{ServiceError, Time};

/// The JSON of a `T` as it is sent to the client, with its metadata. Only [`CachedResponse::value`] parses it.
#[derive(Debug)]
pub struct CachedResponse<T> {
    /// The JSON payload.
    pub json: Bytes,
    /// The strong entity tag of the payload.
    pub etag: ETag,
    /// When the value becomes outdated without a write; it limits the cache's time to live.
    pub valid_until: Option<Time>,
    /// The source of the response.
    pub freshness: Freshness,
    /// How to give the same response again without a read; `None` if the next request must read.
    pub repeat: Option<Arc<dyn Repeat>>,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for CachedResponse<T> {
    fn clone(&self) -> Self {
        let Self { json, etag, valid_until, freshness, repeat, of } = self;
        Self {
            json: json.clone(),
            etag: etag.clone(),
            valid_until: *valid_until,
            freshness: *freshness,
            repeat: repeat.clone(),
            of: *of,
        }
    }
}

/// A hit in the memory of this process that can be repeated without a read. It is judged anew each time, by the rule of the cache.
pub trait Repeat: Send + Sync {
    /// The freshness of the same response now; `None` if the value may no longer be served or has been replaced, so the caller must
    /// read. It never waits. It counts one hit, and starts an early refresh as a read would.
    fn repeat(&self) -> Option<Freshness>;
}

impl fmt::Debug for dyn Repeat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Repeat")
    }
}

/// A repeatable response with an effect of each repetition.
struct Observed<F> {
    inner: Arc<dyn Repeat>,
    on_repeat: F,
}

impl<F: Fn() + Send + Sync> Repeat for Observed<F> {
    fn repeat(&self) -> Option<Freshness> {
        let freshness = self.inner.repeat()?;
        (self.on_repeat)();
        Some(freshness)
    }
}

/// The source of a response, as reported in `Cache-Status` (RFC 9211).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// Read from the database by a service without a cache.
    Origin,
    /// Served from a cache.
    Hit {
        /// The layer that stored it.
        layer: Layer,
        /// Remaining time to live, in seconds.
        ttl: i64,
    },
    /// Loaded because no cache layer stored it.
    Miss {
        /// The cache accepted the value.
        stored: bool,
        /// The load was shared with other requests.
        collapsed: bool,
    },
    /// Loaded without the cache.
    Bypass(Bypass),
}

/// Why a read bypassed the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bypass {
    /// The shared store does not respond.
    StoreUnavailable,
    /// The change log was not read recently, so the worker cannot tell whether cached values are valid.
    LogBehind,
}

/// A layer of the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// The memory of this process.
    Local,
    /// The store shared by all workers.
    Shared,
}

impl<T> CachedResponse<T> {
    /// A response from its parts.
    #[must_use]
    pub fn from_parts(json: Bytes, etag: ETag, valid_until: Option<Time>, freshness: Freshness) -> Self {
        Self { json, etag, valid_until, freshness, repeat: None, of: PhantomData }
    }

    /// The same response, which can be repeated.
    #[must_use]
    pub fn repeatable(self, repeat: Arc<dyn Repeat>) -> Self {
        Self { repeat: Some(repeat), ..self }
    }

    /// The same response; `on_repeat` is called for each repetition.
    #[must_use]
    pub fn observed(self, on_repeat: impl Fn() + Send + Sync + 'static) -> Self {
        let observe = |inner| Arc::new(Observed { inner, on_repeat }) as Arc<dyn Repeat>;
        Self { repeat: self.repeat.map(observe), ..self }
    }

    /// The same payload from another source.
    #[must_use]
    pub fn with_freshness(self, freshness: Freshness) -> Self {
        Self { freshness, ..self }
    }

    /// The same payload with another entity tag.
    #[must_use]
    pub fn with_etag(self, etag: ETag) -> Self {
        Self { etag, ..self }
    }

    /// The same payload, valid until `end` at the latest.
    #[must_use]
    pub fn until(self, end: Option<Time>) -> Self {
        Self { valid_until: end, ..self }
    }
}

impl<T: Serialize> CachedResponse<T> {
    /// A response with a value that has no version. Its entity tag is a digest of the payload.
    ///
    /// # Errors
    /// [`ServiceError::Bug`] when the value cannot be serialized to JSON.
    pub fn of(value: &T) -> Result<Self, ServiceError> {
        let json = Bytes::from(serde_json::to_vec(value)?);
        let etag = ETag::of_payload(&json);
        Ok(Self::from_parts(json, etag, None, Freshness::Origin))
    }

    /// A response with a value that depends on nothing but one entity's version, whose tag is `etag`.
    ///
    /// # Errors
    /// [`ServiceError::Bug`] when the value cannot be serialized to JSON.
    pub fn tagged(value: &T, etag: ETag) -> Result<Self, ServiceError> {
        let json = Bytes::from(serde_json::to_vec(value)?);
        Ok(Self::from_parts(json, etag, None, Freshness::Origin))
    }
}

impl<T: DeserializeOwned> CachedResponse<T> {
    /// Parses the payload.
    ///
    /// # Errors
    /// [`ServiceError::Bug`] when the payload is not the JSON of a `T`.
    pub fn value(&self) -> Result<T, ServiceError> {
        Ok(serde_json::from_slice(&self.json)?)
    }
}
