//! Frames: the large content of sessions, in zstd frames of about 1 MiB that are read one by one.
//!
//! On Postgres a frame is a row, so that every server finds it. On SQLite it is a file beside the database, so that it does not pass
//! through the only connection for writes.

mod files;
mod sql;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use domain::ServiceError;
use domain::ids::DataSessionId;

use crate::db::Database;

use files::Files;
use sql::SqlFrames;

/// The size from which content is stored as a frame, in bytes before compression.
pub(super) const FRAME_BYTES: usize = 1 << 20;
/// The level of zstd. Higher levels are slower than the upload.
const LEVEL: i32 = 1;

/// Stores the frames of sessions.
#[async_trait]
pub(super) trait FrameStore: Send + Sync {
    /// Stores a compressed frame of a part.
    async fn append(&self, session: DataSessionId, part: &str, number: u32, frame: Vec<u8>) -> Result<(), ServiceError>;

    /// A compressed frame; `None` after the last one.
    async fn read(&self, session: DataSessionId, part: &str, number: u32) -> Result<Option<Vec<u8>>, ServiceError>;

    /// Deletes the frames of a part.
    async fn remove_part(&self, session: DataSessionId, part: &str) -> Result<(), ServiceError>;

    /// Deletes what is left of a session after its row is deleted.
    async fn remove_session(&self, session: DataSessionId) -> Result<(), ServiceError>;

    /// The sessions that have frames apart from their rows.
    async fn sessions(&self) -> Result<Vec<DataSessionId>, ServiceError>;
}

/// The store for a database: files in `folder` if there is one, otherwise rows.
pub(super) fn store(db: Database, folder: Option<&Path>) -> Arc<dyn FrameStore> {
    match folder {
        Some(folder) => Arc::new(Files::in_folder(folder)),
        None => Arc::new(SqlFrames(db)),
    }
}

/// Compresses a frame.
///
/// # Errors
/// When there is no memory.
pub(super) fn compress(content: &[u8]) -> Result<Vec<u8>, ServiceError> {
    zstd::bulk::compress(content, LEVEL).map_err(ServiceError::bug)
}

/// The content of a frame that this program has compressed.
///
/// # Errors
/// When the store has changed it, or it is larger than a frame can be.
pub(super) fn decompress(frame: &[u8], at_most: usize) -> Result<Vec<u8>, ServiceError> {
    zstd::bulk::decompress(frame, at_most).map_err(ServiceError::bug)
}
