//! What is stored of a table beside its rows: what is shown of it, how its cells are read, and where its frames begin.

use std::io;

use domain::ServiceError;
use domain::data_sessions::{DataSessionError, TableInfo};
use domain::ids::DataSessionId;
use serde::{Deserialize, Serialize};

use super::frame_file::FrameFile;
use super::frames::{FRAME_BYTES, FrameStore, decompress};
use super::table::cell::ColumnFormat;

/// The greatest size of a frame of rows. A frame ends after the row with which it reaches its size, and a row has a limit of its own.
const MAX_FRAME_BYTES: usize = 8 << 20;

/// A table without its rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Sheet {
    pub(super) info: TableInfo,
    /// How the cells of each column are read.
    pub(super) formats: Vec<ColumnFormat>,
    /// The number of rows before each frame.
    pub(super) frames: Vec<u64>,
}

/// The part with the sheet of a table.
pub(super) fn part_of(table: &str) -> String {
    format!("{table}-sheet")
}

impl Sheet {
    /// The sheet as frames.
    pub(super) fn to_frames(&self) -> io::Result<FrameFile> {
        let json = serde_json::to_vec(self)?;
        let mut frames = FrameFile::new()?;
        json.chunks(FRAME_BYTES).try_for_each(|chunk| frames.append(chunk))?;
        Ok(frames)
    }

    /// Reads the sheet of a table.
    pub(super) async fn read(frames: &dyn FrameStore, session: DataSessionId, table: &str) -> Result<Self, DataSessionError> {
        let (part, mut json) = (part_of(table), Vec::new());
        for number in 0.. {
            let Some(frame) = frames.read(session, &part, number).await? else { break };
            json.extend(decompress(&frame, FRAME_BYTES)?);
        }
        // Another upload has replaced the table, or the session has expired.
        if json.is_empty() {
            return Err(DataSessionError::NotFound);
        }
        Ok(serde_json::from_slice(&json).map_err(ServiceError::bug)?)
    }

    /// The columns and statistics, which need not be copied.
    pub(super) fn columns(&self) -> impl Iterator<Item = (&str, &ColumnFormat)> {
        self.info.columns.iter().map(|column| column.name.as_str()).zip(&self.formats)
    }
}

/// The rows of a frame, as CSV.
pub(super) async fn rows(
    frames: &dyn FrameStore,
    session: DataSessionId,
    table: &str,
    number: u32,
) -> Result<Option<Vec<u8>>, ServiceError> {
    let frame = frames.read(session, table, number).await?;
    frame.map(|frame| decompress(&frame, MAX_FRAME_BYTES)).transpose()
}
