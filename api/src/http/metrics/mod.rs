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
use poem::{EndpointExt, PathPattern, Request, Response};
#[cfg(target_os = "linux")]
use prometheus::process_collector::ProcessCollector;
use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, Opts, Registry, TEXT_FORMAT, TextEncoder};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use crate::http::principal::bearer_token;
use crate::http::problem::{Kind, Problem, Result};

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
    pub(crate) fn record(&self, method: &Method, route: Option<&PathPattern>, status: StatusCode, took: Duration) {
        let (method, route) = (known(method), route.map_or(UNMATCHED, |route| &route.0));
        self.requests.with_label_values(&[method, route, status.as_str()]).inc();
        self.durations.with_label_values(&[method, route]).observe(took.as_secs_f64());
    }

    fn text(&self, operator: &dyn OperatorService) -> Result<String> {
        let mut families = self.registry.gather();
        families.extend(worker::families(&operator.metrics()));
        TextEncoder::new().encode_to_string(&families).map_err(Problem::bug)
    }
}

/// The label of a method. Clients may send unknown methods, which share one label.
fn known(method: &Method) -> &str {
    match *method {
        Method::GET | Method::HEAD | Method::POST | Method::PUT | Method::PATCH | Method::DELETE | Method::OPTIONS => {
            method.as_str()
        }
        _ => "other",
    }
}

/// The endpoint of `/metrics`.
pub(crate) fn endpoint(
    metrics: Arc<Metrics>,
    operator: Arc<dyn OperatorService>,
    token: Option<SecretString>,
) -> BoxEndpoint<'static> {
    let answer = move |request: Request| -> poem::Result<Response> {
        check(&request, token.as_ref())?;
        let text = metrics.text(&*operator)?;
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
