//! Frames that are not stored yet, in a temporary file.

use std::fs::File;
use std::io::{self, Seek, Write};

use domain::ServiceError;
use domain::ids::DataSessionId;
use tokio::io::AsyncReadExt;

use super::frames::{FrameStore, compress};

/// Compressed frames in a file without a name: it is deleted when this is dropped, and also when the process is killed.
#[derive(Debug)]
pub(super) struct FrameFile {
    file: File,
    lengths: Vec<usize>,
}

impl FrameFile {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { file: tempfile::tempfile()?, lengths: Vec::new() })
    }

    /// Compresses and appends a frame.
    pub(super) fn append(&mut self, content: &[u8]) -> io::Result<()> {
        let frame = compress(content).map_err(io::Error::other)?;
        self.lengths.push(frame.len());
        self.file.write_all(&frame)
    }

    /// The number of frames.
    pub(super) fn count(&self) -> u32 {
        u32::try_from(self.lengths.len()).unwrap_or(u32::MAX)
    }

    /// Stores the frames as a part.
    pub(super) async fn store(mut self, frames: &dyn FrameStore, session: DataSessionId, part: &str) -> Result<(), ServiceError> {
        self.file.rewind().map_err(ServiceError::unavailable)?;
        let mut file = tokio::fs::File::from_std(self.file);
        for (number, length) in (0..).zip(self.lengths) {
            let mut frame = vec![0; length];
            file.read_exact(&mut frame).await.map_err(ServiceError::unavailable)?;
            frames.append(session, part, number, frame).await?;
        }
        Ok(())
    }
}
