//! A request whose response is checked against the published contract.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use ulid::Ulid;

use super::document::Document;
use super::response::Response;

/// A request; awaiting it sends it.
#[must_use = "a request is sent when it is awaited"]
pub struct Request {
    http: RequestBuilder,
    method: Method,
    path: String,
    documented: bool,
}

impl Request {
    /// A request without headers and body.
    pub fn new(http: RequestBuilder, method: Method, path: String) -> Self {
        Self { http, method, path, documented: true }
    }

    /// A JSON body.
    pub fn json(self, body: impl Into<Value>) -> Self {
        self.raw("application/json", body.into().to_string())
    }

    /// A body of any kind.
    pub fn raw(self, media_type: &str, body: impl Into<reqwest::Body>) -> Self {
        let http = self.http.header(CONTENT_TYPE, media_type).body(body);
        Self { http, ..self }
    }

    /// A header.
    pub fn header(self, name: &str, value: &str) -> Self {
        let value = HeaderValue::from_bytes(value.as_bytes()).expect("a legal header");
        let http = self.http.header(name, value);
        Self { http, ..self }
    }

    /// A new idempotency key.
    pub fn idempotent(self) -> Self {
        self.key(&Ulid::new().to_string())
    }

    /// A chosen idempotency key.
    pub fn key(self, key: &str) -> Self {
        self.header("Idempotency-Key", key)
    }

    /// The `If-Match` header.
    pub fn if_match(self, etag: &str) -> Self {
        self.header("If-Match", etag)
    }

    /// The `If-None-Match` header.
    pub fn if_none_match(self, etag: &str) -> Self {
        self.header("If-None-Match", etag)
    }

    /// Skips the check against the contract: the route or method is deliberately not part of it.
    pub fn undocumented(self) -> Self {
        Self { documented: false, ..self }
    }

    /// Sends it; the connection may fail.
    pub async fn attempt(self) -> Result<Response, reqwest::Error> {
        let response = Response::read(&self.method, &self.path, self.http.send().await?).await?;
        response.check_form();
        if self.documented {
            Document::committed().check(&self.method, &response);
        }
        Ok(response)
    }
}

impl IntoFuture for Request {
    type Output = Response;
    type IntoFuture = Pin<Box<dyn Future<Output = Response> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let label = format!("{} {}", self.method, self.path);
        Box::pin(async move { self.attempt().await.unwrap_or_else(|error| panic!("{label}: {error:?}")) })
    }
}
