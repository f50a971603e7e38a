//! The report as a response.

use poem::http::StatusCode;
use poem::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry};

/// What the page may do: no script, no other request, no frame.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// The page as a response.
pub(super) struct ReportPage(Response);

impl ReportPage {
    /// A page.
    pub(super) fn of(page: String) -> Self {
        let response = Response::builder()
            .header(CONTENT_TYPE, "text/html; charset=utf-8")
            .header(CACHE_CONTROL, "no-store")
            .header(CONTENT_SECURITY_POLICY, POLICY)
            // The address has a ticket.
            .header(REFERRER_POLICY, "no-referrer")
            .body(page);
        Self(response)
    }
}

impl IntoResponse for ReportPage {
    fn into_response(self) -> Response {
        self.0
    }
}

impl ApiResponse for ReportPage {
    fn meta() -> MetaResponses {
        let schema = MetaSchemaRef::Inline(Box::new(MetaSchema::new("string")));
        let response = MetaResponse {
            description: "The report.",
            status: Some(StatusCode::OK.as_u16()),
            status_range: None,
            content: vec![MetaMediaType { content_type: "text/html", schema }],
            headers: Vec::new(),
        };
        MetaResponses { responses: vec![response] }
    }

    fn register(_: &mut Registry) {}
}
