//! The limits of requests over HTTP: who is charged, 429, and the headers `RateLimit-Policy` and `RateLimit`
//! (draft-ietf-httpapi-ratelimit-headers).
//!
//! A request is charged once: to its principal, or to the address of its client. The decision is left to the domain's [`Limiter`].

use std::fmt::Write;
use std::net::IpAddr;
use std::sync::Arc;

use domain::limits::{Access, Charge, Decision, Limiter, OperationLimit, Refusal, Standings, Subject, seconds};
use poem::http::header::RETRY_AFTER;
use poem::http::{HeaderName, HeaderValue, Method};
use poem::{Request, Response};

use crate::http::client_address::ClientAddress;
use crate::http::limits::Rate;
use crate::http::problem::{Kind, Problem};

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const STATE: HeaderName = HeaderName::from_static("ratelimit");

/// Charges requests to the limits of their subjects. Without a limiter every request is admitted.
#[derive(Clone, Default)]
pub(crate) struct RateLimits(Option<Arc<dyn Limiter>>);

/// How requests of an operation are charged.
#[derive(Clone)]
pub(crate) struct OperationCharge {
    limits: RateLimits,
    operation: Option<OperationLimit>,
    access: Access,
}

impl RateLimits {
    /// Limits that this limiter decides.
    pub(crate) fn new(limiter: Option<Arc<dyn Limiter>>) -> Self {
        Self(limiter)
    }

    /// The charge of an operation of the API; `None` for health probes and other operations without limits.
    pub(crate) fn of(
        &self,
        template: &str,
        id: Option<&'static str>,
        method: &Method,
        rate: Option<Rate>,
    ) -> Option<OperationCharge> {
        let operation = match rate {
            Some(Rate::Own(limit)) => id.map(|name| OperationLimit::Stated { name, limit }),
            Some(Rate::SignIn) => Some(OperationLimit::SignIn),
            None => None,
        };
        let access = if *method == Method::GET { Access::Read } else { Access::Write };
        template.starts_with("/v1/").then(|| OperationCharge { limits: self.clone(), operation, access })
    }

    /// Charges the repetition of a public answer to its client.
    pub(crate) async fn charge_repetition(&self, client: Option<IpAddr>) -> Result<(), Refused> {
        let Some(address) = client else { return Ok(()) };
        let charge = Charge { subject: Subject::Address(address), operation: None, access: Access::Read };
        self.charge(&charge).await.map(|_| ())
    }

    async fn charge(&self, charge: &Charge) -> Result<Standings, Refused> {
        let Some(limiter) = &self.0 else { return Ok(Standings::default()) };
        let decision: Decision = match limiter.decide_now(charge) {
            Some(decision) => decision,
            // Rare: boxed, it does not enlarge the state of every request.
            None => Box::pin(limiter.decide(charge)).await,
        };
        decision.map_err(Refused)
    }
}

impl OperationCharge {
    /// Charges a request to its principal.
    pub(crate) async fn charge_subject(&self, subject: Option<Subject>) -> Result<RateHeaders, Refused> {
        match subject {
            Some(subject) => self.charge(subject).await.map(|standings| RateHeaders::of(&standings)),
            None => Ok(RateHeaders::default()),
        }
    }

    /// Charges a request without a principal to the address of its client.
    pub(crate) async fn charge_client(&self, request: &Request) -> Result<(), Refused> {
        match request.data::<ClientAddress>() {
            Some(client) => self.charge(Subject::Address(client.0)).await.map(|_| ()),
            None => Ok(()),
        }
    }

    async fn charge(&self, subject: Subject) -> Result<Standings, Refused> {
        self.limits.charge(&Charge { subject, operation: self.operation, access: self.access }).await
    }
}

/// A refused request.
#[derive(Debug)]
pub(crate) struct Refused(Refusal);

impl Refused {
    /// What is left of the limits.
    pub(crate) fn headers(&self) -> RateHeaders {
        RateHeaders::of(&self.0.standings)
    }

    /// The response before the request has been routed.
    pub(crate) fn into_response(self, request_id: &str) -> Response {
        let headers = self.headers();
        let mut response = Problem::from(self).into_response(request_id);
        headers.add_to(&mut response);
        response
    }
}

impl From<Refused> for Problem {
    fn from(Refused(refusal): Refused) -> Self {
        too_many(Kind::RateLimited, "Too many requests. Retry after the delay in `Retry-After`.", refusal.retry_seconds())
    }
}

/// A problem whose request may be repeated after a delay.
pub(crate) fn too_many(kind: Kind, detail: &'static str, retry_seconds: i64) -> Problem {
    Problem::new(kind, detail).with_header(RETRY_AFTER, HeaderValue::from(retry_seconds))
}

/// The headers that say what is left of the limits; none without limits.
#[derive(Debug, Clone, Default)]
pub(crate) struct RateHeaders(Option<(HeaderValue, HeaderValue)>);

impl RateHeaders {
    fn of(standings: &Standings) -> Self {
        let (mut policy, mut state) = (String::with_capacity(64), String::with_capacity(64));
        for standing in standings.iter() {
            let separator = if policy.is_empty() { "" } else { ", " };
            let (name, limit) = (standing.name, standing.limit);
            // Writing to a string does not fail.
            let _ = write!(policy, "{separator}\"{name}\";q={};w={}", limit.quota(), limit.window_seconds());
            let _ = write!(state, "{separator}\"{name}\";r={};t={}", standing.remaining, seconds(standing.reset_us));
        }
        let value = |text: String| HeaderValue::try_from(text).ok().filter(|value| !value.is_empty());
        Self(value(policy).zip(value(state)))
    }

    /// Adds them to a response.
    pub(crate) fn add_to(self, response: &mut Response) {
        let Some((policy, state)) = self.0 else { return };
        response.headers_mut().insert(POLICY, policy);
        response.headers_mut().insert(STATE, state);
    }
}

#[cfg(test)]
mod tests {
    use domain::limits::{Limit, Standing};

    use super::*;

    #[test]
    fn the_headers_are_lists_of_all_limits() {
        let mut standings = Standings::default();
        let standing = |name, limit, remaining| Standing { name, limit, remaining, reset_us: 1_500_000 };
        standings.push(standing("user", Limit::per(600, 60), 585));
        standings.push(standing("auditLedger", Limit::per(60, 60), 0));
        let mut response = Response::default();
        RateHeaders::of(&standings).add_to(&mut response);
        assert_eq!(response.header("RateLimit-Policy"), Some(r#""user";q=600;w=60, "auditLedger";q=60;w=60"#));
        assert_eq!(response.header("RateLimit"), Some(r#""user";r=585;t=2, "auditLedger";r=0;t=2"#));
        let mut none = Response::default();
        RateHeaders::default().add_to(&mut none);
        assert!(none.headers().is_empty());
    }
}
