//! `/metrics` in the text format of Prometheus: requests by route template, and the metrics of the worker.
//!
//! No label contains input of clients, so the number of time series is bounded.

mod families;
mod worker;

use std::sync::Arc;
use std::time::Duration;

use domain::ops::OperatorService;
use poem::endpoint::{BoxEndpoint, make_sync};
use poem::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use poem::http::{Method, StatusCode};
use poem::{EndpointExt, Request, Response};
#[cfg(target_os = "linux")]
use prometheus::process_collector::ProcessCollector;
use prometheus::{Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts, Registry, TEXT_FORMAT, TextEncoder};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use crate::http::credential::bearer_token;
use crate::http::problem::{Kind, Problem, Result};
use crate::telemetry::Log;

/// Upper bounds of the buckets of request durations, in seconds.
const BOUNDS: [f64; 12] = [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];
/// The label of requests without a route.
const UNMATCHED: &str = "unmatched";

/// Counts of requests.
pub(crate) struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    durations: HistogramVec,
}

impl Metrics {
    /// Metrics with all counts at zero.
    ///
    /// # Errors
    /// When the name of a metric is not valid.
    pub(crate) fn new() -> prometheus::Result<Self> {
        let requests = Opts::new("http_server_requests_total", "Requests answered.");
        let requests = IntCounterVec::new(requests, &["method", "route", "status"])?;
        let durations = HistogramOpts::new("http_server_request_duration_seconds", "From a request's headers to its answer's.");
        let durations = HistogramVec::new(durations.buckets(BOUNDS.to_vec()), &["method", "route"])?;
        let registry = Registry::new();
        registry.register(Box::new(requests.clone()))?;
        registry.register(Box::new(durations.clone()))?;
        #[cfg(target_os = "linux")]
        registry.register(Box::new(ProcessCollector::for_self()))?;
        Ok(Self { registry, requests, durations })
    }

    /// Counts a response.
    pub(crate) fn record(&self, method: &str, route: Option<&str>, status: StatusCode, took: Duration) {
        let route = route.unwrap_or(UNMATCHED);
        self.requests.with_label_values(&[method, route, status.as_str()]).inc();
        self.durations.with_label_values(&[method, route]).observe(took.as_secs_f64());
    }

    /// The counters of successful reads of a route, for callers that count often.
    pub(crate) fn counters(&self, method: &Method, route: &str) -> RouteCounters {
        let method = method_label(method);
        let requests = |status: StatusCode| self.requests.with_label_values(&[method, route, status.as_str()]);
        let duration = self.durations.with_label_values(&[method, route]);
        RouteCounters { ok: requests(StatusCode::OK), not_modified: requests(StatusCode::NOT_MODIFIED), duration }
    }

    fn text(&self, operator: &dyn OperatorService, log: Option<&Log>) -> Result<String> {
        let mut families = self.registry.gather();
        families.extend(worker::families(&operator.metrics()));
        families.extend(log.map(|log| worker::dropped_log_lines(log.dropped())));
        TextEncoder::new().encode_to_string(&families).map_err(Problem::bug)
    }
}

/// The counters of successful reads of one route.
pub(crate) struct RouteCounters {
    ok: IntCounter,
    not_modified: IntCounter,
    duration: Histogram,
}

impl RouteCounters {
    /// Counts a response: 200, or 304.
    pub(crate) fn record(&self, status: StatusCode, took: Duration) {
        if status == StatusCode::NOT_MODIFIED { &self.not_modified } else { &self.ok }.inc();
        self.duration.observe(took.as_secs_f64());
    }
}

/// The label of a method. Clients may send unknown methods, which share one label.
pub(crate) fn method_label(method: &Method) -> &'static str {
    const KNOWN: [Method; 7] =
        [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
    const LABELS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN.iter().position(|known| known == method).map_or("other", |index| LABELS[index])
}

/// The endpoint of `/metrics`.
pub(crate) fn endpoint(
    metrics: Arc<Metrics>,
    operator: Arc<dyn OperatorService>,
    log: Option<Log>,
    token: Option<SecretString>,
) -> BoxEndpoint<'static> {
    let answer = move |request: Request| -> poem::Result<Response> {
        check(&request, token.as_ref())?;
        let text = metrics.text(&*operator, log.as_ref())?;
        Ok(Response::builder().header(CONTENT_TYPE, TEXT_FORMAT).header(CACHE_CONTROL, "no-store").body(text))
    };
    make_sync(answer).boxed()
}

fn check(request: &Request, token: Option<&SecretString>) -> Result<()> {
    let Some(token) = token else { return Ok(()) };
    let sent = bearer_token(request.headers()).unwrap_or_default();
    // Constant time for tokens of the right length.
    if token.expose_secret().as_bytes().ct_eq(sent.as_bytes()).into() {
        return Ok(());
    }
    Err(Problem::new(Kind::InvalidCredentials, "Send `Authorization: Bearer` with the METRICS_TOKEN of this server."))
}
