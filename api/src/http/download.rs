//! Responses that stream a file in pieces.

use std::io::Error;
use std::marker::PhantomData;

use bytes::Bytes;
use futures_util::Stream;
use poem::http::StatusCode;
use poem::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use poem::{Body, IntoResponse, Response, ResponseBuilder};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry};

/// What is downloaded.
pub(crate) trait Media: Send {
    /// The media type.
    const TYPE: &'static str;
    /// The description in the document.
    const DESCRIPTION: &'static str;
    /// Whether it is text.
    const IS_TEXT: bool = false;
}

/// A file that is streamed.
pub(crate) struct Download<M>(Response, PhantomData<fn() -> M>);

impl<M: Media> Download<M> {
    /// The pieces of a file. After an error the connection is cut, so that the client does not take a part for the whole.
    pub(crate) fn of(name: &str, pieces: impl Stream<Item = Result<Bytes, Error>> + Send + 'static) -> Self {
        Self(headers::<M>(name).body(Body::from_bytes_stream(pieces)), PhantomData)
    }

    /// The response without the file.
    pub(crate) fn head(name: &str) -> Self {
        Self(headers::<M>(name).finish(), PhantomData)
    }
}

fn headers<M: Media>(name: &str) -> ResponseBuilder {
    Response::builder()
        .header(CONTENT_TYPE, if M::IS_TEXT { format!("{}; charset=utf-8", M::TYPE) } else { M::TYPE.to_owned() })
        .header(CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\""))
        .header(CACHE_CONTROL, "no-store")
}

impl<M> IntoResponse for Download<M> {
    fn into_response(self) -> Response {
        self.0
    }
}

impl<M: Media> ApiResponse for Download<M> {
    fn meta() -> MetaResponses {
        let format = (!M::IS_TEXT).then_some("binary");
        let schema = MetaSchemaRef::Inline(Box::new(MetaSchema { format, ..MetaSchema::new("string") }));
        let response = MetaResponse {
            description: M::DESCRIPTION,
            status: Some(StatusCode::OK.as_u16()),
            status_range: None,
            content: vec![MetaMediaType { content_type: M::TYPE, schema }],
            headers: Vec::new(),
        };
        MetaResponses { responses: vec![response] }
    }

    fn register(_: &mut Registry) {}
}
