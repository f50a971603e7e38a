//! The outermost endpoint: it gives every request an id, turns errors into problem documents, answers 304, adds
//! the headers of cross-origin requests, counts the request and writes one line to the log.
//!
//! It is one endpoint because every wrapper around the router costs throughput.

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::identity::Principal;
use futures_util::FutureExt;
use poem::http::header::X_CONTENT_TYPE_OPTIONS;
use poem::http::{HeaderMap, HeaderValue, Method};
use poem::{Endpoint, PathPattern, Request, Response};
use tracing::Instrument;

use crate::http::client_address::TrustedProxies;
use crate::http::conditional::Known;
use crate::http::cors::AllowedOrigins;
use crate::http::host;
use crate::http::metrics::Metrics;
use crate::http::problem::{Kind, Problem, Result};
use crate::http::request_id;
use crate::http::request_id::RequestId;

/// Maximum size of the target and the headers of a request together, in bytes.
const MAX_HEAD: usize = 16 * 1024;
/// Keeps browsers from guessing another media type than the declared one.
const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");

/// An endpoint that always returns a response.
pub(crate) struct Edge<E> {
    /// The endpoint behind it.
    pub(crate) routes: E,
    /// Counts the responses.
    pub(crate) metrics: Arc<Metrics>,
    /// The origins whose pages may read the responses.
    pub(crate) origins: AllowedOrigins,
    /// The proxies whose forwarding headers name the client.
    pub(crate) trusted_proxies: TrustedProxies,
}

impl<E: Endpoint<Output = Response>> Endpoint for Edge<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let id = RequestId::of(request.headers());
        let span = tracing::info_span!("request", id = id.as_str());
        Ok(self.answer(request, id).instrument(span).await)
    }
}

impl<E: Endpoint<Output = Response>> Edge<E> {
    async fn answer(&self, request: Request, id: RequestId) -> Response {
        let (method, known, start) = (request.method().clone(), Known::of(&request), Instant::now());
        let (address, exchange) = (self.client(&request), self.origins.exchange(&request));
        let mut response = self.attempt(request, &id).await;
        if let Some(known) = known {
            response = known.not_modified(response);
        }
        response.headers_mut().extend(id.into_header().map(|id| (request_id::HEADER, id)));
        response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, NOSNIFF);
        if let Some(exchange) = exchange {
            exchange.complete(&mut response);
        }
        let took = start.elapsed();
        self.metrics.record(&method, response.data::<PathPattern>(), response.status(), took);
        log(&method, address, &response, took);
        response
    }

    /// The address of the client; `None` if the connection has none.
    fn client(&self, request: &Request) -> Option<IpAddr> {
        let peer = request.remote_addr().as_socket_addr()?.ip();
        Some(self.trusted_proxies.client_of(peer, request.headers()))
    }

    /// The response. It carries the [`PathPattern`] of its route and its authenticated [`Principal`], if there are any.
    async fn attempt(&self, request: Request, id: &RequestId) -> Response {
        if let Err(problem) = check_head(&request) {
            return problem.into_response(id.as_str());
        }
        match AssertUnwindSafe(self.routes.call(request)).catch_unwind().await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => {
                let (route, principal) = (error.data::<PathPattern>().cloned(), error.data::<Principal>().cloned());
                let mut response = Problem::from(error).into_response(id.as_str());
                route.into_iter().for_each(|route| response.set_data(route));
                principal.into_iter().for_each(|principal| response.set_data(principal));
                response
            }
            // The panic hook has logged the message.
            Err(_) => Problem::bug("a handler panicked").into_response(id.as_str()),
        }
    }
}

fn check_head(request: &Request) -> Result<()> {
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    if target + size(request.headers()) > MAX_HEAD {
        return Err(Problem::new(Kind::HeadersTooLarge, "The path, the query and the headers exceed 16 KiB."));
    }
    host::check(request)
}

fn size(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum()
}

/// Writes the access log: no query, no body, no token.
fn log(method: &Method, address: Option<IpAddr>, response: &Response, took: Duration) {
    let route = response.data::<PathPattern>().map_or("-", |route| &route.0);
    let user = response.data::<Principal>().map(|principal| tracing::field::display(principal.user));
    let client = address.map(tracing::field::display);
    let micros = u32::try_from(took.as_micros()).unwrap_or(u32::MAX);
    let ms = f64::from(micros) / 1000.0;
    tracing::info!(%method, route, status = response.status().as_u16(), ms, user, client, "answered");
}

#[cfg(test)]
mod tests {
    use poem::endpoint::make_sync;
    use poem::http::StatusCode;
    use poem::http::header::ETAG;
    use poem::{EndpointExt, Route};
    use serde_json::Value;

    use super::*;
    use crate::http::problem::MEDIA_TYPE;

    async fn answer(request: Request) -> Response {
        let calm = make_sync(|_| Response::builder().header(ETAG, "\"a\"").body("{}"));
        let panicking = make_sync(|_| panicking_handler());
        let route = Route::new().at("/calm", calm).at("/panic", panicking);
        let metrics = Arc::new(Metrics::new().unwrap());
        Edge {
            routes: route.map_to_response(),
            metrics,
            origins: AllowedOrigins::default(),
            trusted_proxies: TrustedProxies::default(),
        }
        .call(request)
        .await
        .unwrap()
    }

    fn panicking_handler() -> Response {
        panic!("a secret of the inside")
    }

    fn get(path: &'static str) -> Request {
        Request::builder().uri_str(path).header("X-Request-Id", "r-1").header("Host", "atelier").finish()
    }

    async fn problem(request: Request) -> (u16, String) {
        let mut response = answer(request).await;
        assert_eq!(response.content_type(), Some(MEDIA_TYPE));
        assert_eq!(response.header("X-Request-Id"), Some("r-1"));
        let status = response.status().as_u16();
        let document: Value = response.take_body().into_json().await.unwrap();
        assert_eq!((&document["request_id"], &document["status"]), (&"r-1".into(), &status.into()));
        assert!(!document.to_string().contains("secret"), "{document}");
        (status, document["type"].as_str().unwrap_or_default().to_owned())
    }

    #[tokio::test]
    async fn every_error_becomes_a_problem_with_the_id_of_the_request() {
        assert_eq!(problem(get("/nowhere")).await, (404, "/problems/not-found".to_owned()));
        assert_eq!(problem(get("/panic")).await, (500, "/problems/internal-error".to_owned()));
        let mut heavy = get("/calm");
        heavy.headers_mut().insert("x-heavy", "x".repeat(MAX_HEAD).parse().unwrap());
        assert_eq!(problem(heavy).await, (431, "/problems/headers-too-large".to_owned()));
    }

    #[tokio::test]
    async fn a_version_that_the_client_has_is_304() {
        let mut again = get("/calm");
        again.headers_mut().insert("if-none-match", "\"a\"".parse().unwrap());
        let response = answer(again).await;
        assert_eq!((response.status(), response.header("ETag")), (StatusCode::NOT_MODIFIED, Some("\"a\"")));
        assert_eq!(answer(get("/calm")).await.status(), StatusCode::OK);
    }
}
