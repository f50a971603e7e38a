//! The response that opens a socket.

use poem::http::StatusCode;
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaResponse, MetaResponses, Registry};

use super::close_code::CloseCode;

/// 101 Switching Protocols.
pub struct Upgrade(pub(super) Response);

impl IntoResponse for Upgrade {
    fn into_response(self) -> Response {
        self.0
    }
}

impl ApiResponse for Upgrade {
    fn meta() -> MetaResponses {
        let response = MetaResponse {
            description: CloseCode::DESCRIPTION,
            status: Some(StatusCode::SWITCHING_PROTOCOLS.as_u16()),
            status_range: None,
            content: Vec::new(),
            headers: Vec::new(),
        };
        MetaResponses { responses: vec![response] }
    }

    fn register(_: &mut Registry) {}
}
