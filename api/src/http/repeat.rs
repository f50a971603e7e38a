//! Repetition of public answers before routing.
//!
//! A public answer from the memory of this process is remembered by the exact octets of its target. A request with the same target
//! gets it again, if the cache judges that the value may still be served; else the request takes the ordinary path. So a repeated
//! answer has the freshness of an ordinary one. What is remembered is bounded, and losing it costs speed only.

use std::sync::Arc;

use bytes::Bytes;
use domain::{Freshness, Repeat};
use poem::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use poem::http::uri::PathAndQuery;
use poem::http::{HeaderMap, Method, StatusCode};
use poem::{PathPattern, Request, Response};
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::http::compression::Variants;
use crate::http::metrics::{Metrics, RouteCounters};
use crate::http::reply::{CACHE_STATUS, cache_status};

/// The maximum size of all remembered answers, in bytes.
const MAX_BYTES: u64 = 16 * 1024 * 1024;
/// The estimated number of remembered answers.
const ANSWERS: usize = 1000;
/// The longest target that is remembered, in bytes.
const MAX_TARGET: usize = 512;
/// The estimated size of an answer without its target and its body, in bytes.
const OVERHEAD: usize = 1024;

/// A response with it can be repeated. The reply of a public operation carries it.
#[derive(Clone)]
pub(crate) struct Repeatable {
    /// Judges the value anew.
    pub(crate) repeat: Arc<dyn Repeat>,
    /// The body.
    pub(crate) json: Bytes,
}

/// A remembered answer.
pub(crate) struct Remembered {
    repeat: Arc<dyn Repeat>,
    headers: HeaderMap,
    /// The body.
    pub(crate) body: Arc<Variants>,
    /// The route template.
    pub(crate) route: Arc<str>,
    /// The counters of the route.
    pub(crate) counters: RouteCounters,
}

impl Remembered {
    /// The answer without its body.
    pub(crate) fn response(&self, freshness: Freshness) -> Response {
        let mut response = Response::default();
        let mut headers = self.headers.clone();
        headers.extend(cache_status(freshness).map(|status| (CACHE_STATUS, status)));
        *response.headers_mut() = headers;
        response
    }
}

#[derive(Clone)]
struct ByteWeight;

impl Weighter<String, Arc<Remembered>> for ByteWeight {
    fn weight(&self, target: &String, answer: &Arc<Remembered>) -> u64 {
        // The compressed bodies are smaller than the plain one.
        (OVERHEAD + target.len() + 2 * answer.body.plain().len()) as u64
    }
}

/// The remembered answers, by target.
pub(crate) struct Repeats(Cache<String, Arc<Remembered>, ByteWeight>);

impl Repeats {
    /// None yet.
    pub(crate) fn new() -> Self {
        Self(Cache::with_weighter(ANSWERS, MAX_BYTES, ByteWeight))
    }

    /// The target of a request whose answer may be remembered or repeated: GET or HEAD without a body.
    pub(crate) fn target(request: &Request) -> Option<&PathAndQuery> {
        let headers = request.headers();
        let has_body = headers.contains_key(TRANSFER_ENCODING) || headers.get(CONTENT_LENGTH).is_some_and(|length| length != "0");
        let is_plain = matches!(*request.method(), Method::GET | Method::HEAD) && !has_body;
        request.uri().path_and_query().filter(|target| is_plain && target.as_str().len() <= MAX_TARGET)
    }

    /// The answer to a request, judged anew.
    pub(crate) fn find(&self, request: &Request) -> Option<(Arc<Remembered>, Freshness)> {
        let target = Self::target(request)?.as_str();
        let answer = self.0.get(target)?;
        if let Some(freshness) = answer.repeat.repeat() {
            return Some((answer, freshness));
        }
        self.0.remove(target);
        None
    }

    /// Remembers an answer if it can be repeated. The response then shares the compressed forms of its body.
    pub(crate) fn remember(&self, target: &PathAndQuery, response: &mut Response, metrics: &Metrics) {
        let Some(Repeatable { repeat, json }) = response.extensions_mut().remove() else { return };
        let Some(PathPattern(route)) = response.data::<PathPattern>().cloned() else { return };
        if response.status() != StatusCode::OK {
            return;
        }
        let (body, counters) = (Arc::new(Variants::of(json)), metrics.counters(&Method::GET, &route));
        let mut headers = response.headers().clone();
        headers.remove(CACHE_STATUS);
        response.extensions_mut().insert(Arc::clone(&body));
        self.0.insert(target.as_str().to_owned(), Arc::new(Remembered { repeat, headers, body, route, counters }));
    }
}
