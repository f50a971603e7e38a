//! Problems: every error in a response, after RFC 9457.
//!
//! There is one type for all errors. Handlers return it with `?`; the edge turns it into a response and logs its cause once. The
//! response contains nothing internal: a cause is logged only.

mod document;
mod errors;
mod from_domain;
mod kind;

use std::borrow::Cow;
use std::error::Error;
use std::iter::successors;

use domain::{Invalid, ServiceError};
use poem::Response;
use poem::error::{NotFoundError, ResponseError};
use poem::http::header::{CONNECTION, CONTENT_TYPE, RETRY_AFTER, SEC_WEBSOCKET_VERSION, UPGRADE, WWW_AUTHENTICATE};
use poem::http::{HeaderName, HeaderValue, StatusCode};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaResponses, Registry};

pub(crate) use document::{Document, FieldError};
pub(crate) use errors::FieldErrors;
pub(crate) use kind::Kind;

/// The media type of a problem document.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";
/// The challenge of a 401 that has no other.
const CHALLENGE: HeaderValue = HeaderValue::from_static(r#"Bearer realm="atelier""#);
/// Seconds after which clients retry a failed dependency.
const RETRY_DELAY: HeaderValue = HeaderValue::from_static("2");

/// The headers of a 426 (RFC 9110, section 15.5.22, and RFC 6455, section 4.4).
const UPGRADE_REQUIRED: [(HeaderName, HeaderValue); 3] = [
    (CONNECTION, HeaderValue::from_static("Upgrade")),
    (UPGRADE, HeaderValue::from_static("websocket")),
    (SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13")),
];

/// The result of a handler.
pub(crate) type Result<T> = std::result::Result<T, Problem>;

/// An error in a response. The box keeps results small.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.kind.title())]
pub(crate) struct Problem(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: Kind,
    document: Document,
    header: Option<(HeaderName, HeaderValue)>,
    cause: Option<ServiceError>,
}

impl Problem {
    /// A problem with its cause and how to resolve it.
    pub(crate) fn new(kind: Kind, detail: impl Into<Cow<'static, str>>) -> Self {
        let mut document = Document::of(kind);
        document.detail = detail.into();
        Self(Box::new(Inner { kind, document, header: None, cause: None }))
    }

    /// A request with these errors.
    pub(crate) fn invalid(errors: FieldErrors) -> Self {
        let detail = if errors.is_full() {
            format!("Correct the `errors` and send the request again. Only the first {} are listed.", FieldErrors::MAX).into()
        } else {
            Cow::Borrowed("Correct the `errors` and send the request again.")
        };
        let mut problem = Self::new(Kind::ValidationFailed, detail);
        problem.0.document.errors = Some(errors.into_vec());
        problem
    }

    /// A request with one error.
    pub(crate) fn invalid_at(pointer: impl Into<String>, detail: impl ToString) -> Self {
        let mut errors = FieldErrors::default();
        errors.add(pointer, detail.to_string());
        Self::invalid(errors)
    }

    /// A bug with its cause.
    pub(crate) fn bug(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        ServiceError::bug(cause).into()
    }

    /// A reached limit that is the same for every plan.
    pub(crate) fn limit_reached(limit: i64, detail: impl Into<Cow<'static, str>>) -> Self {
        let mut problem = Self::new(Kind::PlanLimit, detail);
        (problem.0.document.limit, problem.0.document.used) = (Some(limit), Some(limit));
        problem
    }

    /// The same problem with a header in its response.
    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.header = Some((name, value));
        self
    }

    /// The document as JSON.
    pub(crate) fn into_body(mut self, request_id: &str) -> Vec<u8> {
        request_id.clone_into(&mut self.0.document.request_id);
        serde_json::to_vec(&self.0.document).unwrap_or_default()
    }

    /// The response. The cause is logged here only.
    pub(crate) fn into_response(mut self, request_id: &str) -> Response {
        let (kind, header) = (self.0.kind, self.0.header.take());
        log(kind, self.0.cause.as_ref());
        let body = self.into_body(request_id);
        let mut response = Response::builder().status(kind.status()).header(CONTENT_TYPE, MEDIA_TYPE).body(body);
        let owed = match kind.status() {
            StatusCode::UNAUTHORIZED => Some((WWW_AUTHENTICATE, CHALLENGE)),
            StatusCode::SERVICE_UNAVAILABLE => Some((RETRY_AFTER, RETRY_DELAY)),
            // The rest of the body is not read, so the connection cannot be used again.
            StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT => Some((CONNECTION, HeaderValue::from_static("close"))),
            _ => None,
        };
        response.headers_mut().extend(header.or(owed));
        if kind == Kind::UpgradeRequired {
            response.headers_mut().extend(UPGRADE_REQUIRED);
        }
        response
    }
}

fn log(kind: Kind, cause: Option<&ServiceError>) {
    let Some(cause) = cause else { return };
    let chain: Vec<String> = successors(Some(cause as &dyn Error), |&error| error.source()).map(ToString::to_string).collect();
    match cause {
        ServiceError::Unavailable(_) => tracing::warn!(problem = kind.uri(), cause = chain.join(": ")),
        ServiceError::Bug(_) => tracing::error!(problem = kind.uri(), cause = chain.join(": ")),
    }
}

impl ResponseError for Problem {
    fn status(&self) -> StatusCode {
        self.0.kind.status()
    }
}

/// The problems of an operation follow from rules; see `document`.
impl ApiResponse for Problem {
    fn meta() -> MetaResponses {
        MetaResponses { responses: Vec::new() }
    }

    fn register(_: &mut Registry) {}
}

/// Maps errors of the framework.
impl From<poem::Error> for Problem {
    fn from(error: poem::Error) -> Self {
        match error.downcast::<Self>() {
            Ok(problem) => problem,
            Err(error) if error.is::<NotFoundError>() => {
                Self::new(Kind::NotFound, "There is no such path. See /docs for all paths.")
            }
            Err(error) => match error.status() {
                status if status.is_client_error() => Self::new(Kind::ValidationFailed, "The request is malformed."),
                _ => Self::bug(error.to_string()),
            },
        }
    }
}

/// Adds the place in the request to the error of a value.
pub(crate) trait WithPointer<T> {
    /// The value, or a problem with this pointer.
    fn at(self, pointer: &str) -> Result<T>;
}

impl<T> WithPointer<T> for std::result::Result<T, Invalid> {
    fn at(self, pointer: &str) -> Result<T> {
        self.map_err(|reason| Problem::invalid_at(pointer, reason))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_type_of_problem_has_its_own_uri_and_an_error_status() {
        let uris: BTreeSet<&str> = Kind::ALL.iter().map(|kind| kind.uri()).collect();
        assert_eq!(uris.len(), Kind::ALL.len());
        let is_error = |kind: &Kind| kind.status().is_client_error() || kind.status().is_server_error();
        assert!(Kind::ALL.iter().all(is_error));
    }

    #[test]
    fn the_number_of_errors_is_limited_and_the_detail_states_the_limit() {
        let document = |number: usize| {
            let mut errors = FieldErrors::default();
            (0..number).for_each(|index| errors.add(format!("/{index}"), "is wrong"));
            Problem::invalid(errors).0.document
        };
        let (one, many) = (document(1), document(1000));
        assert!(!one.detail.contains("first"), "{}", one.detail);
        assert!(many.detail.contains("first 20"), "{}", many.detail);
        assert_eq!(many.errors.unwrap().last().unwrap().pointer, "/19");
    }
}
