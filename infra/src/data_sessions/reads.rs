//! The cacheable reads of sessions, and the port on SQL and frames.

use std::sync::Arc;

use async_trait::async_trait;
use domain::data_sessions::{
    DataSession, DataSessionError, DataSessionReads, Preview, PreviewPage, PreviewRow, PreviewView, TableInfo, TrainingReport,
};
use domain::ids::DataSessionId;
use domain::{CachedResponse, Clock, ServiceError};
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use serde::Serialize;
use serde_json::Value;

use super::frames::FrameStore;
use super::rows::{Row, StoredTable, find};
use super::sheet::{Sheet, rows};
use crate::db::{Pools, of_json, service_error};

/// The greatest response that is cached, in bytes.
const MAX_CACHED: usize = 64 * 1024;
/// Number of cells of a preview, beyond its first row.
const MAX_CELLS: u64 = 20_000;
/// Number of characters of a text in a preview.
const MAX_TEXT: usize = 500;

/// [`DataSessionReads`] on SQL and frames.
pub(crate) struct SqlDataSessionReads {
    pub(super) pools: Pools,
    pub(super) frames: Arc<dyn FrameStore>,
    pub(super) clock: Arc<dyn Clock>,
}

#[derive(FromQueryResult)]
struct Reported {
    report: Option<String>,
}

impl SqlDataSessionReads {
    async fn row(&self, id: DataSessionId) -> Result<Row, DataSessionError> {
        find(self.pools.reader(), id, self.clock.now()).await
    }

    /// A response that is valid until its session expires. A large one is not cached: sessions are many, and a few large values would
    /// displace all others.
    fn response<T: Serialize>(&self, view: &T, row: &Row) -> Result<CachedResponse<T>, ServiceError> {
        let response = CachedResponse::of(view)?;
        let is_small = response.json.len() <= MAX_CACHED;
        Ok(response.until(Some(if is_small { row.expires_at } else { self.clock.now() })))
    }

    async fn table(&self, id: DataSessionId) -> Result<(Row, StoredTable, Sheet), DataSessionError> {
        let row = self.row(id).await?;
        let table = row.table()?.ok_or(DataSessionError::NoTable)?;
        let sheet = Sheet::read(&*self.frames, id, &table.part).await?;
        Ok((row, table, sheet))
    }
}

#[async_trait]
impl DataSessionReads for SqlDataSessionReads {
    async fn session(&self, id: DataSessionId) -> Result<CachedResponse<DataSession>, DataSessionError> {
        let row = self.row(id).await?;
        Ok(self.response(&row.view()?, &row)?)
    }

    async fn info(&self, id: DataSessionId) -> Result<CachedResponse<TableInfo>, DataSessionError> {
        let (row, _, sheet) = self.table(id).await?;
        Ok(self.response(&sheet.info, &row)?)
    }

    async fn preview(&self, id: DataSessionId, page: PreviewPage) -> Result<CachedResponse<Preview>, DataSessionError> {
        let (row, table, sheet) = self.table(id).await?;
        let mut preview = Preview {
            view: page.view,
            offset: page.offset,
            total_rows: sheet.info.rows,
            columns: sheet.columns().map(|(name, _)| name.to_owned()).collect(),
            rows: Vec::new(),
        };
        let limit = page.limit.min((MAX_CELLS / sheet.info.columns.len().max(1) as u64).max(1));
        let end = sheet.info.rows.min(page.offset.saturating_add(limit));
        // The last frame that begins at or before the first row.
        let first = sheet.frames.partition_point(|&before| before <= page.offset).saturating_sub(1);
        for (number, &before) in sheet.frames.iter().enumerate().skip(first).take_while(|(_, before)| **before < end) {
            let number = u32::try_from(number).map_err(ServiceError::bug)?;
            let csv = rows(&*self.frames, id, &table.part, number).await?.ok_or(DataSessionError::NotFound)?;
            let skipped = page.offset.saturating_sub(before);
            let wanted = end - before.max(page.offset);
            preview.rows.extend(cells(&csv, &sheet, page.view, (before, skipped, wanted))?);
        }
        Ok(self.response(&preview, &row)?)
    }

    async fn report(&self, id: DataSessionId) -> Result<CachedResponse<TrainingReport>, DataSessionError> {
        let db = self.pools.reader();
        let row = self.row(id).await?;
        let sql = "SELECT report FROM data_sessions WHERE id = $1";
        let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [id.to_string().into()]);
        let reported = Reported::find_by_statement(statement).one(db).await.map_err(service_error)?;
        let report = reported.ok_or(DataSessionError::NotFound)?.report.ok_or(DataSessionError::NotTrained)?;
        let report: TrainingReport = of_json(&report)?;
        Ok(self.response(&report, &row)?)
    }
}

/// Rows of a frame, which begins after `before` rows.
fn cells(
    csv: &[u8],
    sheet: &Sheet,
    view: PreviewView,
    (before, skipped, wanted): (u64, u64, u64),
) -> Result<Vec<PreviewRow>, ServiceError> {
    let wanted = usize::try_from(wanted).map_err(ServiceError::bug)?;
    let skip = usize::try_from(skipped).map_err(ServiceError::bug)?;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(csv);
    let records = reader.records().enumerate().skip(skip).take(wanted);
    records
        .map(|(index, record)| {
            let record = record.map_err(ServiceError::bug)?;
            let cells = record.iter().zip(&sheet.formats).map(|(text, format)| match view {
                PreviewView::Raw => shortened(text).into(),
                PreviewView::Processed => match format.json(text) {
                    Value::String(text) => shortened(&text).into(),
                    value => value,
                },
            });
            Ok(PreviewRow { row: before + index as u64 + 1, cells: cells.collect() })
        })
        .collect()
}

/// The beginning of a text.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
