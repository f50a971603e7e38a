//! Writes an archive in pieces.

use std::io::Write;

use domain::ServiceError;
use domain::ids::ExportId;
use flate2::Compression;
use flate2::write::GzEncoder;
use sea_orm::Value;

use crate::db::{Database, Keys, Tx, execute};

/// The size from which a piece is stored, compressed.
const PIECE: usize = 1 << 20;

/// An archive that is being written.
pub(super) struct Archive {
    db: Database,
    export: ExportId,
    encoder: GzEncoder<Vec<u8>>,
    is_empty: bool,
    /// What is stored so far.
    pub(super) written: Written,
}

/// The size of what is stored of an archive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) pieces: i64,
    pub(super) bytes: i64,
}

fn encoder() -> GzEncoder<Vec<u8>> {
    GzEncoder::new(Vec::new(), Compression::default())
}

impl Archive {
    /// A new archive, in place of what an earlier attempt has stored.
    pub(super) async fn create(db: Database, export: ExportId) -> Result<Self, ServiceError> {
        db.write(Keys::none(), move |tx| async move { remove_pieces(&tx, export).await }).await?;
        Ok(Self { db, export, encoder: encoder(), is_empty: true, written: Written::default() })
    }

    /// Appends a line, and stores a piece when it is large enough.
    pub(super) async fn append(&mut self, line: &str) -> Result<(), ServiceError> {
        self.encoder.write_all(line.as_bytes()).and_then(|()| self.encoder.write_all(b"\n")).map_err(ServiceError::bug)?;
        self.is_empty = false;
        if self.encoder.get_ref().len() >= PIECE { self.store().await } else { Ok(()) }
    }

    /// Stores the rest, and returns the size of the archive.
    pub(super) async fn finish(mut self) -> Result<Written, ServiceError> {
        if !self.is_empty {
            self.store().await?;
        }
        Ok(self.written)
    }

    async fn store(&mut self) -> Result<(), ServiceError> {
        let content = std::mem::replace(&mut self.encoder, encoder()).finish().map_err(ServiceError::bug)?;
        self.is_empty = true;
        let (export, number, bytes) = (self.export, self.written.pieces, content.len());
        // A piece of an attempt that was lost and still runs violates the key. Then this attempt fails and starts anew.
        self.db
            .write(Keys::none(), move |tx| async move {
                let sql = "INSERT INTO account_export_pieces (export_id, number, content) VALUES ($1, $2, $3)";
                let values: [Value; 3] = [export.to_string().into(), number.into(), content.into()];
                execute(&tx, sql, values).await.map(drop)
            })
            .await?;
        self.written.pieces += 1;
        self.written.bytes += i64::try_from(bytes).map_err(ServiceError::bug)?;
        Ok(())
    }
}

/// Deletes the pieces of an archive.
pub(super) async fn remove_pieces(tx: &Tx, export: ExportId) -> Result<(), ServiceError> {
    let sql = "DELETE FROM account_export_pieces WHERE export_id = $1";
    execute(tx, sql, [export.to_string().into()]).await.map(drop)
}
