//! stub
use domain::data_sessions::{DataSession, TableInfo, Training};
use poem::{IntoResponse, Response};
use poem::http::StatusCode;
use poem::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry};

pub(super) fn page(_: &DataSession, _: Option<&TableInfo>, _: Option<&Training>) -> Result<String, std::fmt::Error> { Ok(String::new()) }

/// The page as a response.
pub(super) struct ReportPage(Response);

impl ReportPage {
    /// A page. It may run no script and load nothing.
    pub(super) fn of(page: String) -> Self {
        let response = Response::builder()
            .header(CONTENT_TYPE, "text/html; charset=utf-8")
            .header(CACHE_CONTROL, "no-store")
            .header(CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
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
