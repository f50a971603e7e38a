//! The archive of an export, piece by piece.

use std::io::Error;
use std::sync::Arc;

use bytes::Bytes;
use domain::identity::ExportService;
use domain::ids::ExportId;
use futures_util::Stream;
use futures_util::stream::unfold;

use crate::http::download::Media;

/// JSON lines in gzip.
pub(super) struct Archive;

impl Media for Archive {
    const TYPE: &'static str = "application/gzip";
    const DESCRIPTION: &'static str = "The archive.";
}

/// The name of the file of an archive.
pub(super) fn file_name(export: ExportId) -> String {
    format!("atelier-{export}.jsonl.gz")
}

/// The pieces that have not been sent.
pub(super) struct Pieces {
    exports: Arc<dyn ExportService>,
    export: ExportId,
    next: i64,
    count: i64,
}

impl Pieces {
    pub(super) fn of(exports: Arc<dyn ExportService>, export: ExportId, count: i64) -> Self {
        Self { exports, export, next: 0, count }
    }

    /// All pieces. The download ends when the connection asks for more after the last one.
    pub(super) fn stream(self) -> impl Stream<Item = Result<Bytes, Error>> + Send + 'static {
        unfold(Some(self), async |pieces| pieces?.next().await)
    }

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
