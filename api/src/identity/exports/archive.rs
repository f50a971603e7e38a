//! The response with an archive, piece by piece.

use std::io::Error;
use std::sync::Arc;

use bytes::Bytes;
use domain::identity::ExportService;
use domain::ids::ExportId;
use futures_util::Stream;
use futures_util::stream::unfold;
use poem::http::StatusCode;
use poem::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use poem::{Body, IntoResponse, Response, ResponseBuilder};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry};

/// A stream of the pieces of an archive.
pub(super) struct Archive(Response);

/// The pieces that have not been sent.
struct Pieces {
    exports: Arc<dyn ExportService>,
    export: ExportId,
    next: i64,
    count: i64,
}

impl Archive {
    pub(super) fn of(exports: Arc<dyn ExportService>, export: ExportId, count: i64) -> Self {
        let pieces = Pieces { exports, export, next: 0, count };
        Self(headers(export).body(Body::from_bytes_stream(pieces.stream())))
    }

    /// The response without the archive.
    pub(super) fn head(export: ExportId) -> Self {
        Self(headers(export).finish())
    }
}

fn headers(export: ExportId) -> ResponseBuilder {
    Response::builder()
        .header(CONTENT_TYPE, "application/gzip")
        .header(CONTENT_DISPOSITION, format!("attachment; filename=\"atelier-{export}.jsonl.gz\""))
        .header(CACHE_CONTROL, "no-store")
}

impl Pieces {
    /// All pieces. The download ends when the connection asks for more after the last one.
    fn stream(self) -> impl Stream<Item = Result<Bytes, Error>> + Send + 'static {
        unfold(Some(self), async |pieces| pieces?.next().await)
    }

    /// The next piece. After an error the connection is cut, so that the client does not take a part for the whole.
    async fn next(mut self) -> Option<(Result<Bytes, Error>, Option<Self>)> {
        if self.next == self.count {
            if let Err(error) = self.exports.end_download(self.export).await {
                tracing::warn!(export = %self.export, %error, "a download was not recorded as complete; it can be repeated for ten minutes");
            }
            return None;
        }
        match self.exports.piece(self.export, self.next).await {
            Ok(piece) => {
                self.next += 1;
                Some((Ok(piece.into()), Some(self)))
            }
            Err(error) => Some((Err(Error::other(error)), None)),
        }
    }
}

impl IntoResponse for Archive {
    fn into_response(self) -> Response {
        self.0
    }
}

impl ApiResponse for Archive {
    fn meta() -> MetaResponses {
        let schema = MetaSchema { format: Some("binary"), ..MetaSchema::new("string") };
        let schema = MetaSchemaRef::Inline(Box::new(schema));
        let response = MetaResponse {
            description: "The archive.",
            status: Some(StatusCode::OK.as_u16()),
            status_range: None,
            content: vec![MetaMediaType { content_type: "application/gzip", schema }],
            headers: Vec::new(),
        };
        MetaResponses { responses: vec![response] }
    }

    fn register(_: &mut Registry) {}
}
