//! The outermost endpoint: it gives every request an id, turns errors into problem documents, answers 304, compresses, adds
//! the headers of cross-origin requests, counts the request and hands a record to the log.
//!
//! It is one endpoint because every wrapper around the router costs throughput.

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use domain::identity::Principal;
use futures_util::FutureExt;
use poem::http::header::{UPGRADE, X_CONTENT_TYPE_OPTIONS};
use poem::http::{HeaderMap, HeaderValue};
use poem::{Endpoint, PathPattern, Request, Response};

use crate::http::client_address::{ClientAddress, TrustedProxies};
use crate::http::compression::{self, Accepted};
use crate::http::conditional::Known;
use crate::http::cors::{AllowedOrigins, Exchange};
use crate::http::host;
use crate::http::metrics::{self, Metrics, RouteCounters};
use crate::http::problem::{Kind, Problem, Result};
use crate::http::rate_limit::{RateHeaders, RateLimits};
use crate::http::repeat::Repeats;
use crate::http::request_id;
use crate::telemetry::{self, AccessRecord, Log, RequestId};

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
    /// Charges the repetitions.
    pub(crate) rates: RateLimits,
    /// Public answers that may be repeated.
    pub(crate) repeats: Repeats,
    /// Receives a record of each response.
    pub(crate) log: Option<Log>,
}

/// What the edge needs of a request after it has been answered.
struct Asked {
    id: RequestId,
    start: Instant,
    method: &'static str,
    client: Option<IpAddr>,
    known: Option<Known>,
    accepted: Accepted,
    exchange: Option<Exchange>,
}

impl Asked {
    fn of(request: &Request, proxies: &TrustedProxies, origins: &AllowedOrigins) -> Self {
        let peer = request.remote_addr().as_socket_addr();
        Self {
            id: request_id::of(request.headers()),
            start: Instant::now(),
            method: metrics::method_label(request.method()),
            client: peer.map(|peer| proxies.client_of(peer.ip(), request.headers())),
            known: Known::of(request),
            accepted: Accepted::of(request.headers()),
            exchange: origins.exchange(request),
        }
    }
}

impl<E: Endpoint<Output = Response>> Endpoint for Edge<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let asked = Asked::of(&request, &self.trusted_proxies, &self.origins);
        let repeated = check_head(&request).ok().and_then(|()| self.repeats.find(&request));
        if let Some((answer, freshness)) = repeated {
            if let Err(refused) = self.rates.charge_repetition(asked.client).await {
                let response = refused.into_response(&asked.id.to_string());
                return Ok(self.finish(response, asked, Some(&answer.route), None));
            }
            let response = answer.body.send(answer.response(freshness), asked.accepted, asked.known.as_ref());
            // HEAD is counted apart.
            let counters = Some(&answer.counters).filter(|_| asked.method == "GET");
            return Ok(self.finish(response, asked, Some(&answer.route), counters));
        }
        // Ordinary answers have a large state: boxed, it does not slow down repeated ones.
        Ok(Box::pin(telemetry::scope(asked.id.clone(), self.answer(request, asked))).await)
    }
}

impl<E: Endpoint<Output = Response>> Edge<E> {
    async fn answer(&self, mut request: Request, asked: Asked) -> Response {
        if let Some(client) = asked.client {
            request.set_data(ClientAddress(client));
        }
        if request.headers().contains_key(UPGRADE) {
            // A handshake checks the origin itself: browsers do not apply CORS to it.
            request.set_data(self.origins.clone());
        }
        let target = Repeats::target(&request).cloned();
        let mut response = self.attempt(request, &asked.id).await;
        if let Some(target) = target {
            self.repeats.remember(&target, &mut response, &self.metrics);
        }
        let response = compression::send(response, asked.accepted, asked.known.as_ref()).await;
        let route = response.data::<PathPattern>().cloned();
        self.finish(response, asked, route.as_ref().map(|route| &route.0), None)
    }

    /// Completes the headers of a response, counts it and logs it. Ordinary and repeated answers end here.
    fn finish(
        &self,
        mut response: Response,
        asked: Asked,
        route: Option<&Arc<str>>,
        counters: Option<&RouteCounters>,
    ) -> Response {
        let Asked { id, start, method, client, exchange, .. } = asked;
        response.headers_mut().extend(request_id::header(&id).map(|id| (request_id::HEADER, id)));
        response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, NOSNIFF);
        if let Some(exchange) = exchange {
            exchange.complete(&mut response);
        }
        let (status, took) = (response.status(), start.elapsed());
        match counters {
            Some(counters) => counters.record(status, took),
            None => self.metrics.record(method, route.map(AsRef::as_ref), status, took),
        }
        if let Some(log) = self.log.as_ref().filter(|_| AccessRecord::is_logged(route.map(AsRef::as_ref))) {
            let (at, route, status) = (start + took, route.cloned(), status.as_u16());
            let principal = response.data::<Principal>();
            let (user, key) = (principal.and_then(|principal| principal.user), principal.and_then(Principal::key));
            log.access(AccessRecord { at, method, route, status, took, request_id: id, user, key, client });
        }
        response
    }

    /// The response. It carries the [`PathPattern`] of its route and its authenticated [`Principal`], if there are any.
    async fn attempt(&self, request: Request, id: &RequestId) -> Response {
        if let Err(problem) = check_head(&request) {
            return problem.into_response(&id.to_string());
        }
        match AssertUnwindSafe(self.routes.call(request)).catch_unwind().await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => {
                let (route, principal) = (error.data::<PathPattern>().cloned(), error.data::<Principal>().copied());
                let rates = error.data::<RateHeaders>().cloned();
                let mut response = Problem::from(error).into_response(&id.to_string());
                rates.unwrap_or_default().add_to(&mut response);
                if let Some(route) = route {
                    response.set_data(route);
                }
                if let Some(principal) = principal {
                    response.set_data(principal);
                }
                response
            }
            // The panic hook has logged the message.
            Err(_) => Problem::bug("a handler panicked").into_response(&id.to_string()),
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

    use domain::{Freshness, Layer, Repeat};
    use poem::endpoint::make_sync;
    use poem::http::StatusCode;
    use poem::http::header::ETAG;
    use poem::{EndpointExt, Route};
    use serde_json::Value;

    use super::*;
    use crate::http::problem::MEDIA_TYPE;
    use crate::http::repeat::Repeatable;

    async fn answer(request: Request) -> Response {
        let calm = make_sync(|_| Response::builder().header(ETAG, "\"a\"").body("{}"));
        let panicking = make_sync(|_| panicking_handler());
        let route = Route::new().at("/calm", calm).at("/panic", panicking);
        edge(route.map_to_response()).call(request).await.unwrap()
    }

    fn edge<E: Endpoint<Output = Response>>(routes: E) -> Edge<E> {
        let (origins, trusted_proxies) = (AllowedOrigins::default(), TrustedProxies::default());
        let (metrics, rates) = (Arc::new(Metrics::new().unwrap()), RateLimits::default());
        Edge { routes, metrics, origins, trusted_proxies, rates, repeats: Repeats::new(), log: None }
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

    /// A hit that may be served while `fresh` is set, and counts how often it was.
    #[derive(Default)]
    struct Judged {
        fresh: AtomicBool,
        repeats: AtomicU32,
    }

    impl Repeat for Judged {
        fn repeat(&self) -> Option<Freshness> {
            let fresh = self.fresh.load(Ordering::Relaxed);
            self.repeats.fetch_add(u32::from(fresh), Ordering::Relaxed);
            fresh.then_some(Freshness::Hit { layer: Layer::Local, ttl: 7 })
        }
    }

    #[tokio::test]
    async fn a_repeatable_answer_is_routed_once_until_it_may_no_longer_be_served() {
        let (judged, routed) = (Arc::new(Judged::default()), Arc::new(AtomicU32::new(0)));
        let handler = {
            let (judged, routed) = (Arc::clone(&judged), Arc::clone(&routed));
            make_sync(move |_| {
                routed.fetch_add(1, Ordering::Relaxed);
                let repeatable = Repeatable { repeat: Arc::<Judged>::clone(&judged), json: "{}".into() };
                let builder = Response::builder().header(ETAG, "\"a\"").extension(repeatable);
                builder.extension(PathPattern("/public".into())).body("{}")
            })
        };
        let edge = edge(Route::new().at("/public", handler).map_to_response());
        let ask = async |path: &'static str, header: &'static str, value: &'static str| {
            let mut request = get(path);
            request.headers_mut().insert(header, HeaderValue::from_static(value));
            let mut response = edge.call(request).await.unwrap();
            (
                response.status().as_u16(),
                response.take_body().into_string().await.unwrap(),
                response.header("cache-status").is_some(),
            )
        };
        judged.fresh.store(true, Ordering::Relaxed);
        assert_eq!(ask("/public", "accept", "*/*").await, (200, "{}".to_owned(), false));
        assert_eq!(ask("/public", "accept", "*/*").await, (200, "{}".to_owned(), true));
        assert_eq!(ask("/public", "if-none-match", "\"a\"").await, (304, String::new(), true));
        assert_eq!((routed.load(Ordering::Relaxed), judged.repeats.load(Ordering::Relaxed)), (1, 2));
        // An empty body is none. Another target and a body are never repeated.
        assert!(!ask("/public?", "accept", "*/*").await.2);
        assert!(ask("/public", "content-length", "0").await.2);
        assert!(!ask("/public", "content-length", "1").await.2);
        judged.fresh.store(false, Ordering::Relaxed);
        assert_eq!(ask("/public", "accept", "*/*").await, (200, "{}".to_owned(), false));
        assert_eq!(routed.load(Ordering::Relaxed), 4);
    }
}
