//! Successful answers: bytes for the wire, the schema they follow, and the headers that belong to them.
//!
//! A cached value arrives as bytes and leaves as the same bytes. The wire types that describe them are never made: they exist for
//! the document, and a test holds them to the domain's views.

mod kind;
#[cfg(test)]
mod tests;

use std::fmt::Display;
use std::marker::PhantomData;

use bytes::Bytes;
use domain::error::ServiceError;
use domain::idempotency::Once;
use domain::page::Page;
use domain::revision::ETag;
use domain::{Bypass, CachedResponse, Freshness, Layer};
use poem::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, LOCATION};
use poem::http::{HeaderName, HeaderValue, StatusCode};
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaHeader, MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::Type;
use serde::Serialize;
use serde_json::{Value, json};

use crate::http::body::set_example;
use crate::http::idempotency::REPLAYED;
use crate::http::page::PageOf;

pub(crate) use kind::*;

const CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");

/// A wire type: what the document says about a view of the domain.
pub(crate) trait ResponseBody: Type {
    /// The view that it describes.
    type View: Serialize;

    /// A view as it is served, with all its members.
    fn example() -> Value;
}

impl<T: ResponseBody> ResponseBody for PageOf<T> {
    type View = Page<T::View>;

    fn example() -> Value {
        json!({"items": [T::example()], "next_cursor": "WzEyMyxbIjAxSlo1Il1d"})
    }
}

/// An answer with the JSON of a `T`'s view.
pub(crate) struct Reply<T, K> {
    response: Response,
    of: PhantomData<fn() -> (T, K)>,
}

impl<T: ResponseBody, K: Kind> Reply<T, K> {
    /// A view as the domain made it.
    pub(crate) fn of(view: &T::View) -> Result<Self, ServiceError> {
        Ok(Self::from_json(serde_json::to_vec(view)?.into()))
    }

    /// A view with a version.
    pub(crate) fn tagged(view: &T::View, etag: &ETag) -> Result<Self, ServiceError> {
        Ok(Self::of(view)?.with(ETAG, format!("\"{}\"", etag.as_str())))
    }

    /// An answer whose bytes are ready.
    pub(crate) fn answer(answer: CachedResponse<T::View>) -> Self {
        let reply = Self::from_json(answer.json).with(ETAG, format!("\"{}\"", answer.etag.as_str()));
        match cache_status(answer.freshness) {
            Some(status) => reply.with(CACHE_STATUS, status),
            None => reply,
        }
    }

    /// The outcome of an attempt.
    pub(crate) fn once(outcome: &Once<T::View>) -> Result<Self, ServiceError> {
        let reply = Self::of(&outcome.value)?;
        Ok(if outcome.replayed { reply.with(REPLAYED, "true") } else { reply })
    }

    /// The same answer, made at this path.
    pub(crate) fn at(self, path: impl Display) -> Self {
        self.with(LOCATION, path.to_string())
    }

    fn from_json(json: Bytes) -> Self {
        let mut response = Response::builder().status(K::STATUS).body(json);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.extend(K::CACHE_CONTROL.map(|value| (CACHE_CONTROL, value)));
        Self { response, of: PhantomData }
    }

    fn with(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.response.headers_mut().extend(HeaderValue::try_from(value.into()).ok().map(|value| (name, value)));
        self
    }
}

/// Where an answer came from (RFC 9211); nothing when no cache stood before its origin.
fn cache_status(freshness: Freshness) -> Option<String> {
    let status = match freshness {
        Freshness::Origin => return None,
        Freshness::Hit { layer: Layer::Local, ttl } => format!("atelier; hit; ttl={ttl}; detail=memory"),
        Freshness::Hit { layer: Layer::Shared, ttl } => format!("atelier; hit; ttl={ttl}; detail=redis"),
        Freshness::Miss { stored, collapsed } => {
            let (stored, collapsed) = (if stored { "; stored" } else { "" }, if collapsed { "; collapsed" } else { "" });
            format!("atelier; fwd=miss{stored}{collapsed}")
        }
        Freshness::Bypass(Bypass::StoreUnavailable) => "atelier; fwd=bypass; detail=redis-unavailable".to_owned(),
        Freshness::Bypass(Bypass::LogBehind) => "atelier; fwd=bypass; detail=log-behind".to_owned(),
    };
    Some(status)
}

impl<T, K> IntoResponse for Reply<T, K> {
    fn into_response(self) -> Response {
        self.response
    }
}

impl<T: ResponseBody, K: Kind> ApiResponse for Reply<T, K> {
    fn meta() -> MetaResponses {
        let content = vec![MetaMediaType { content_type: "application/json", schema: T::schema_ref() }];
        let headers = K::HEADERS.iter().map(|(name, always)| header(name, *always)).collect();
        response(K::STATUS, K::DESCRIPTION, content, headers)
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
        set_example::<T>(registry, T::example);
    }
}

/// Success that has nothing to say.
pub(crate) struct NoContent;

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into()
    }
}

impl ApiResponse for NoContent {
    fn meta() -> MetaResponses {
        response(StatusCode::NO_CONTENT, "Done.", Vec::new(), Vec::new())
    }

    fn register(_: &mut Registry) {}
}

fn response(
    status: StatusCode,
    description: &'static str,
    content: Vec<MetaMediaType>,
    headers: Vec<MetaHeader>,
) -> MetaResponses {
    let status = Some(status.as_u16());
    MetaResponses { responses: vec![MetaResponse { description, status, status_range: None, content, headers }] }
}

fn header(name: &str, required: bool) -> MetaHeader {
    let description = match name {
        "ETag" => "The version of the resource, for If-None-Match and If-Match.",
        "Cache-Control" => "Who may keep the answer, and for how long.",
        "Cache-Status" => "What Atelier's cache did for the answer (RFC 9211).",
        "Location" => "Where the new resource is.",
        _ => "`true` when the answer is that of an earlier request with the same key.",
    };
    let schema = MetaSchemaRef::Inline(Box::new(MetaSchema::new("string")));
    MetaHeader { name: name.to_owned(), description: Some(description.to_owned()), required, deprecated: false, schema }
}
