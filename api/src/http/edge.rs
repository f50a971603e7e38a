//! The outermost endpoint: it gives every request an id and a time-out, turns errors into problem documents, answers 304, compresses, counts the
//! request and hands a record to the log.
//!
//! It is one endpoint because every wrapper around the router costs throughput.

use std::net::{IpAddr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use poem::http::HeaderMap;
use poem::{Endpoint, PathPattern, Request, Response};

use crate::http::compression::{self, Accepted};
use crate::http::conditional::Known;
use crate::http::metrics::{self, Metrics, RouteCounters};
use crate::http::problem::{Kind, Problem, Result};
use crate::http::repeat::Repeats;
use crate::http::request_id;
use crate::telemetry::{self, AccessRecord, Log, RequestId};

/// Time limit of an operation.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Maximum size of the target and the headers of a request together, in bytes.
const MAX_HEAD: usize = 16 * 1024;

/// An endpoint that always returns a response.
pub(crate) struct Edge<E> {
    /// The endpoint behind it.
    pub(crate) routes: E,
    /// Counts the responses.
    pub(crate) metrics: Arc<Metrics>,
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
}

impl Asked {
    fn of(request: &Request) -> Self {
        Self {
            id: request_id::of(request.headers()),
            start: Instant::now(),
            method: metrics::method_label(request.method()),
            client: request.remote_addr().as_socket_addr().map(SocketAddr::ip),
            known: Known::of(request),
            accepted: Accepted::of(request.headers()),
        }
    }
}

impl<E: Endpoint<Output = Response>> Endpoint for Edge<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let asked = Asked::of(&request);
        if let Some((answer, freshness)) = self.repeats.find(&request).filter(|_| check_head(&request).is_ok()) {
            let response = answer.body.send(answer.response(freshness), asked.accepted, asked.known.as_ref());
            return Ok(self.finish(response, asked, Some(&answer.route), Some(&answer.counters)));
        }
        // Ordinary answers have a large state: boxed, it does not slow down repeated ones.
        Ok(Box::pin(telemetry::scope(asked.id.clone(), self.answer(request, asked))).await)
    }
}

impl<E: Endpoint<Output = Response>> Edge<E> {
    async fn answer(&self, request: Request, asked: Asked) -> Response {
        let target = Repeats::target(&request).cloned();
        let (response, route) = match self.attempt(request).await {
            Ok(mut response) => {
                if let Some(target) = target {
                    self.repeats.remember(&target, &mut response, &self.metrics);
                }
                let route = response.data::<PathPattern>().cloned();
                (response, route)
            }
            Err((problem, route)) => (problem.into_response(&asked.id.to_string()), route),
        };
        let response = compression::send(response, asked.accepted, asked.known.as_ref()).await;
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
        let Asked { id, start, method, client, .. } = asked;
        response.headers_mut().extend(request_id::header(&id).map(|id| (request_id::HEADER, id)));
        let (status, took) = (response.status(), start.elapsed());
        match counters {
            Some(counters) => counters.record(status, took),
            None => self.metrics.record(method, route.map(AsRef::as_ref), status, took),
        }
        if let Some(log) = self.log.as_ref().filter(|_| AccessRecord::is_logged(route.map(AsRef::as_ref))) {
            let (at, route, status) = (start + took, route.cloned(), status.as_u16());
            log.access(AccessRecord { at, method, route, status, took, request_id: id, principal: None, client });
        }
        response
    }

    async fn attempt(&self, request: Request) -> std::result::Result<Response, (Problem, Option<PathPattern>)> {
        check_head(&request).map_err(|problem| (problem, None))?;
        match tokio::time::timeout(TIMEOUT, AssertUnwindSafe(self.routes.call(request)).catch_unwind()).await {
            Ok(Ok(Ok(response))) => Ok(response),
            Ok(Ok(Err(error))) => {
                let route = error.data::<PathPattern>().cloned();
                Err((error.into(), route))
            }
            // The panic hook has logged the message.
            Ok(Err(_)) => Err((Problem::bug("a handler panicked"), None)),
            Err(_) => Err((Problem::new(Kind::Unavailable, "The operation took too long. Retry later."), None)),
        }
    }
}

fn check_head(request: &Request) -> Result<()> {
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    if target + size(request.headers()) > MAX_HEAD {
        return Err(Problem::new(Kind::HeadersTooLarge, "The path, the query and the headers exceed 16 KiB."));
    }
    Ok(())
}

fn size(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum()
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
        Edge { routes: route.map_to_response(), metrics, repeats: Repeats::new(), log: None }.call(request).await.unwrap()
    }

    fn panicking_handler() -> Response {
        panic!("a secret of the inside")
    }

    fn get(path: &'static str) -> Request {
        Request::builder().uri_str(path).header("X-Request-Id", "r-1").finish()
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
