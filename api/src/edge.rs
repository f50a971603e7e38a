//! What happens to every request, outermost: it gets an id and a time-out, whatever fails becomes a problem, a read is spared what
//! the client has, and one line tells of it.
//!
//! All of it is one endpoint, for each wrapper around the router costs throughput.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use poem::http::{HeaderMap, Method};
use poem::{Endpoint, PathPattern, Request, Response};
use tracing::Instrument;

use crate::conditional::Known;
use crate::problem::{Kind, Problem, Result};
use crate::request_id::{self, RequestId};

/// How long an operation may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How many bytes the target and the headers of a request may have.
const MAX_HEAD: usize = 16 * 1024;

/// An endpoint that always answers.
pub(crate) struct Edge<E>(pub(crate) E);

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
        let (mut response, route) = match self.attempt(request).await {
            Ok(response) => {
                let route = response.data::<PathPattern>().cloned();
                (if let Some(known) = known { known.spare(response) } else { response }, route)
            }
            Err((problem, route)) => (problem.into_response(id.as_str()), route),
        };
        response.headers_mut().extend(id.into_header().map(|id| (request_id::HEADER, id)));
        tell(&method, route.as_ref(), &response, start);
        response
    }

    async fn attempt(&self, request: Request) -> std::result::Result<Response, (Problem, Option<PathPattern>)> {
        check_head(&request).map_err(|problem| (problem, None))?;
        match tokio::time::timeout(PATIENCE, AssertUnwindSafe(self.0.call(request)).catch_unwind()).await {
            Ok(Ok(Ok(response))) => Ok(response),
            Ok(Ok(Err(error))) => {
                let route = error.data::<PathPattern>().cloned();
                Err((error.into(), route))
            }
            // The panic's own message is on stderr already.
            Ok(Err(_)) => Err((Problem::bug("a handler panicked"), None)),
            Err(_) => Err((Problem::new(Kind::Unavailable, "This took too long. Try again later."), None)),
        }
    }
}

fn check_head(request: &Request) -> Result<()> {
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    if target + size(request.headers()) > MAX_HEAD {
        return Err(Problem::new(Kind::HeadersTooLarge, "The path, the query and the headers may have 16 KiB together."));
    }
    Ok(())
}

fn size(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum()
}

/// The access log: no query, no body, no token.
fn tell(method: &Method, route: Option<&PathPattern>, response: &Response, start: Instant) {
    let route = route.map_or("-", |route| &route.0);
    let ms = start.elapsed().as_secs_f64() * 1000.0;
    tracing::info!(%method, route, status = response.status().as_u16(), ms, "answered");
}
