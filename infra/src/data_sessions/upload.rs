//! Uploads: a file becomes a table of its session.

use std::fs::File;
use std::io::{self, Read, Seek};

use domain::data_sessions::{Allowance, DataSessionError, OpenSession, TableInfo, TableOverrides, TableSummary};
use domain::ids::DataSessionId;
use domain::{CachedResponse, ServiceError};
use sea_orm::Value;
use ulid::Ulid;

use super::allowances::{Account, check};
use super::frame_file::FrameFile;
use super::rows::{Row, StoredTable, lock, table_keys, training_keys};
use super::service::SqlDataSessions;
use super::sheet::{Sheet, part_of};
use super::table::{Analysis, FrameSink, Limits, OverrideTexts, Overrides, Probe, Probed, Source, TableError, analyse};
use super::trainings::is_training;
use crate::db::{Keys, Tx, execute, json};

/// The size of what is read at once, in bytes.
const CHUNK: usize = 64 * 1024;

/// A file that can be read from its beginning more than once.
struct Upload(File);

impl Source for Upload {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        let mut file = &self.0;
        file.rewind()?;
        Ok(Box::new(file))
    }
}

/// Collects the rows of a table.
struct Rows {
    frames: FrameFile,
    first_rows: Vec<u64>,
}

impl FrameSink for Rows {
    fn frame(&mut self, first_row: u64, _: u64, csv: &[u8]) -> io::Result<()> {
        self.first_rows.push(first_row);
        self.frames.append(csv)
    }
}

impl From<TableError> for DataSessionError {
    fn from(error: TableError) -> Self {
        match error {
            TableError::Read(error) | TableError::Write(error) => ServiceError::unavailable(error).into(),
            TableError::Setting { setting, value, allowed } => {
                Self::InvalidOverride { parameter: setting, detail: format!("must be {allowed}, not `{value}`") }
            }
            other => Self::InvalidTable(other.to_string()),
        }
    }
}

/// Reads all bytes, to detect their encoding.
fn probe(source: &Upload) -> Result<Probed, TableError> {
    let (mut probe, mut file, mut chunk) = (Probe::new(), source.open().map_err(TableError::Read)?, vec![0; CHUNK]);
    loop {
        match file.read(&mut chunk).map_err(TableError::Read)? {
            0 => return probe.finish(),
            length => probe.feed(&chunk[..length])?,
        }
    }
}

/// Parses a file. It keeps a processor busy.
fn parse(file: File, overrides: &Overrides) -> Result<(Sheet, FrameFile), DataSessionError> {
    let mut rows = Rows { frames: FrameFile::new().map_err(ServiceError::unavailable)?, first_rows: Vec::new() };
    let source = Upload(file);
    let probed = probe(&source)?;
    let Analysis { info, formats } = analyse(&source, &probed, overrides, Limits::default(), &mut rows)?;
    Ok((Sheet { info, formats: formats.columns, frames: rows.first_rows }, rows.frames))
}

/// The account of a session, for its allowance. Of an anonymous one the limit of all is checked with that of its address.
pub(super) fn account_of(row: &Row) -> Account {
    match &row.user_id {
        Some(user) => Account::User(user.clone()),
        None => Account::Address(row.address_hash.clone()),
    }
}

impl SqlDataSessions {
    /// Parses and stores a table in place of the former one.
    pub(super) async fn store_upload(
        &self,
        session: &OpenSession,
        (file, bytes): (File, u64),
        overrides: TableOverrides,
    ) -> Result<CachedResponse<TableInfo>, DataSessionError> {
        let overrides = Overrides::parse(OverrideTexts {
            encoding: overrides.encoding.as_deref(),
            delimiter: overrides.delimiter.as_deref(),
            quote: overrides.quote.as_deref(),
            decimal: overrides.decimal.as_deref(),
            header: overrides.header,
            skip_rows: overrides.skip_rows.map(u64::from),
        })?;
        let permit = self.parsers.acquire().await.map_err(ServiceError::bug)?;
        let parsed = tokio::task::spawn_blocking(move || parse(file, &overrides)).await.map_err(ServiceError::bug)?;
        drop(permit);
        let ((sheet, rows), id) = (parsed?, session.id);
        let part = format!("table-{}", Ulid::new());
        let stored = self.store_table(id, &part, &sheet, rows, bytes).await;
        let (kept, removed) = match stored {
            Ok(former) => (Ok(()), former),
            Err(error) => (Err(error), vec![part.clone(), part_of(&part)]),
        };
        for part in removed {
            self.frames.remove_part(id, &part).await?;
        }
        kept?;
        Ok(CachedResponse::of(&sheet.info)?)
    }

    /// Stores a table. Returns the parts that it replaces.
    async fn store_table(
        &self,
        session: DataSessionId,
        part: &str,
        sheet: &Sheet,
        rows: FrameFile,
        bytes: u64,
    ) -> Result<Vec<String>, DataSessionError> {
        rows.store(&*self.frames, session, part).await?;
        let sheet_frames = sheet.to_frames().map_err(ServiceError::bug)?;
        sheet_frames.store(&*self.frames, session, &part_of(part)).await?;
        let now = self.clock.now();
        let (rows, columns) = (sheet.info.rows, sheet.info.columns.len() as u64);
        let table = StoredTable { part: part.to_owned(), summary: TableSummary { rows, columns, bytes, uploaded_at: now } };
        let policy = self.policy.clone();
        self.db
            .write(table_keys(session).with(training_keys(session)), async move |tx| {
                let row = lock(&tx, session, now).await?;
                check_free(&tx, &row).await?;
                let further = bytes_beyond(&row, bytes)?;
                check(&tx, &account_of(&row), Allowance { sessions: 0, bytes: further }, (&policy, now)).await?;
                let sql = "UPDATE data_sessions SET stored_table = $1, bytes = bytes + $2, job_id = NULL, report = NULL,
                           stored_model = NULL WHERE id = $3";
                let values: [Value; 3] = [json(&table)?.into(), further.into(), session.to_string().into()];
                execute(&tx, sql, values).await?;
                Ok(row.parts()?)
            })
            .await
    }

    /// Checks that a session may have a table of this size before it is received.
    pub(super) async fn check_room(&self, session: &OpenSession, bytes: u64) -> Result<(), DataSessionError> {
        let (id, now, policy) = (session.id, self.clock.now(), self.policy.clone());
        self.db
            .write(Keys::none(), async move |tx| {
                let row = lock(&tx, id, now).await?;
                check_free(&tx, &row).await?;
                let further = Allowance { sessions: 0, bytes: bytes_beyond(&row, bytes)? };
                check(&tx, &account_of(&row), further, (&policy, now)).await
            })
            .await
    }
}

/// A training reads the table.
async fn check_free(tx: &Tx, row: &Row) -> Result<(), DataSessionError> {
    if is_training(&**tx, row.job()?).await? { Err(DataSessionError::TrainingRuns) } else { Ok(()) }
}

fn bytes_beyond(row: &Row, bytes: u64) -> Result<i64, ServiceError> {
    Ok(i64::try_from(bytes).map_err(ServiceError::bug)? - row.bytes)
}
