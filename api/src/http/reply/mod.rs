//! Successful responses: JSON, its schema and its headers.
//!
//! The bytes of a cached value are sent unchanged. The views of the domain alone define the JSON.

mod accepted;
mod kind;
#[cfg(test)]
mod tests;

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
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use crate::http::body::set_example;
use crate::http::idempotency::REPLAYED;
use crate::http::repeat::Repeatable;
use crate::http::view;

pub(crate) use accepted::{Accepted, CreatedOrPending};
pub(crate) use kind::*;

use kind::PUBLIC;

/// The header that says where a response came from.
pub(crate) const CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");

/// A view of the domain in responses. The domain derives its schema and its JSON.
pub(crate) trait ResponseBody: JsonSchema + Serialize {
    /// A view with all its members, for the document.
    fn example() -> Value;
}

impl<T: ResponseBody> ResponseBody for Page<T> {
    fn example() -> Value {
        json!({"items": [T::example()], "next_cursor": "WzEyMyxbIjAxSlo1Il1d"})
    }
}

/// A response with the JSON of a view.
pub(crate) struct Reply<T, K> {
    response: Response,
    of: PhantomData<fn() -> (T, K)>,
}

impl<T: ResponseBody, K: Kind> Reply<T, K> {
    /// A view.
    pub(crate) fn of(view: &T) -> Result<Self, ServiceError> {
        Ok(Self::from_json(serde_json::to_vec(view)?.into()))
    }

    /// A view with a version.
    pub(crate) fn tagged(view: &T, etag: &ETag) -> Result<Self, ServiceError> {
        Ok(Self::of(view)?.with(ETAG, quoted(etag)))
    }

    /// A view whose JSON the cache holds.
    pub(crate) fn cached(answer: CachedResponse<T>) -> Self {
        let repeatable = answer.repeat.filter(|_| K::CACHE_CONTROL == Some(PUBLIC));
        let repeatable = repeatable.map(|repeat| Repeatable { repeat, json: answer.json.clone() });
        let reply = Self::from_json(answer.json).with(ETAG, quoted(&answer.etag));
        let mut reply = reply.with(CACHE_STATUS, cache_status(answer.freshness));
        if let Some(repeatable) = repeatable {
            reply.response.extensions_mut().insert(repeatable);
        }
        reply
    }

    /// The outcome of an attempt.
    pub(crate) fn once(outcome: &Once<T>) -> Result<Self, ServiceError> {
        let reply = Self::of(&outcome.value)?;
        Ok(reply.with(REPLAYED, outcome.replayed.then_some(HeaderValue::from_static("true"))))
    }

    /// The same response with the path of the new resource.
    pub(crate) fn at(self, path: impl Into<String>) -> Self {
        self.with(LOCATION, HeaderValue::try_from(path.into()).ok())
    }

    fn from_json(json: Bytes) -> Self {
        let mut response = Response::builder().status(K::STATUS).body(json);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.extend(K::CACHE_CONTROL.map(|value| (CACHE_CONTROL, value)));
        Self { response, of: PhantomData }
    }

    fn with(mut self, name: HeaderName, value: Option<HeaderValue>) -> Self {
        self.response.headers_mut().extend(value.map(|value| (name, value)));
        self
    }
}

/// The tag as a header, in one allocation.
fn quoted(etag: &ETag) -> Option<HeaderValue> {
    let mut header = String::with_capacity(etag.as_str().len() + 2);
    header.push('"');
    header.push_str(etag.as_str());
    header.push('"');
    HeaderValue::try_from(header).ok()
}

/// The source of a response (RFC 9211); `None` without a cache.
pub(crate) fn cache_status(freshness: Freshness) -> Option<HeaderValue> {
    let status = match freshness {
        Freshness::Origin => return None,
        Freshness::Hit { layer, ttl } => {
            let detail = match layer {
                Layer::Local => "memory",
                Layer::Shared => "redis",
            };
            return HeaderValue::try_from(format!("atelier; hit; ttl={ttl}; detail={detail}")).ok();
        }
        Freshness::Miss { stored: true, collapsed: true } => "atelier; fwd=miss; stored; collapsed",
        Freshness::Miss { stored: true, collapsed: false } => "atelier; fwd=miss; stored",
        Freshness::Miss { stored: false, collapsed: true } => "atelier; fwd=miss; collapsed",
        Freshness::Miss { stored: false, collapsed: false } => "atelier; fwd=miss",
        Freshness::Bypass(Bypass::StoreUnavailable) => "atelier; fwd=bypass; detail=redis-unavailable",
        Freshness::Bypass(Bypass::LogBehind) => "atelier; fwd=bypass; detail=log-behind",
    };
    Some(HeaderValue::from_static(status))
}

impl<T, K> IntoResponse for Reply<T, K> {
    fn into_response(self) -> Response {
        self.response
    }
}

impl<T: ResponseBody, K: Kind> ApiResponse for Reply<T, K> {
    fn meta() -> MetaResponses {
        let content = vec![MetaMediaType { content_type: "application/json", schema: view::reference::<T>() }];
        let headers = K::HEADERS.iter().map(|(name, always)| header(name, *always)).collect();
        response(K::STATUS, K::DESCRIPTION, content, headers)
    }

    fn register(registry: &mut Registry) {
        view::register::<T>(registry);
        set_example(registry, &T::schema_name(), T::example);
    }
}

/// Success without a body.
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
        "Cache-Control" => "Who may store the response, and for how long.",
        "Cache-Status" => "The source of the response, as Atelier's cache reports it (RFC 9211).",
        "Location" => "Path of the new resource.",
        _ => "`true` if an earlier request with the same key had this outcome.",
    };
    let ty = if name == "Idempotent-Replayed" { "boolean" } else { "string" };
    let schema = MetaSchemaRef::Inline(Box::new(MetaSchema::new(ty)));
    MetaHeader { name: name.to_owned(), description: Some(description.to_owned()), required, deprecated: false, schema }
}
