//! The job that builds the archive of an export.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use domain::identity::EXPORT_HOURS;
use domain::ids::{ExportId, UserId};
use domain::{Clock, ServiceError, Time};
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::super::erasure::inventory::TABLES;
use super::archive::{Archive, Written};
use super::records::Records;
use crate::db::{Database, Keys, Tx, execute, missing, service_error};
use crate::jobs::{Done, Failure, JobKind, Queue, Run, Spec};

/// The export to build.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Payload {
    pub(super) export: ExportId,
    pub(super) user: UserId,
}

/// Builds the archive of an export. An attempt starts anew.
pub(crate) struct ExportAccount {
    pub(crate) db: Database,
    pub(crate) clock: Arc<dyn Clock>,
}

#[async_trait]
impl JobKind for ExportAccount {
    type Payload = Payload;
    const SPEC: Spec =
        Spec { name: "export_account", queue: Queue::Heavy, priority: 10, max_attempts: 5, deadline: Duration::from_hours(1) };

    async fn run(&self, Payload { export, user }: Payload, run: &Run) -> Result<Done, Failure> {
        let mut archive = Archive::create(self.db.clone(), export).await?;
        archive.append(&first_line(export, user, self.clock.now())).await?;
        let mut records = 0;
        for (index, table) in TABLES.iter().enumerate() {
            let Some(mut rows) = Records::of(table, user, self.db.reader().get_database_backend()) else { continue };
            loop {
                let page = rows.next(self.db.reader()).await?;
                if page.is_empty() {
                    break;
                }
                for line in page {
                    archive.append(&format!(r#"{{"area":"{}","record":{line}}}"#, table.name)).await?;
                    records += 1;
                }
            }
            #[expect(clippy::cast_precision_loss, reason = "there are few tables")]
            run.progress((index + 1) as f64 / TABLES.len() as f64).await?;
        }
        archive.append(&json!({"area": "end", "record": {"records": records}}).to_string()).await?;
        let (written, now) = (archive.finish().await?, self.clock.now());
        let done = Done::with(json!({"export_id": export, "records": records, "bytes": written.bytes}));
        Ok(done.and(move |tx| async move { complete(&tx, export, written, now).await }))
    }
}

/// What the archive is, for people who open it.
fn first_line(export: ExportId, user: UserId, now: Time) -> String {
    let about = "Each line is a record of an area, as JSON. Records are read one after the other, so a change during the export may be \
                 in one area and not in another. The last line has the number of records.";
    json!({"area": "export", "record": {"id": export, "user_id": user, "created_at": now, "about": about}}).to_string()
}

#[derive(FromQueryResult)]
struct Stored {
    pieces: i64,
    bytes: i64,
}

/// Makes the archive available, if all its pieces are those of this attempt.
async fn complete(tx: &Tx, export: ExportId, written: Written, now: Time) -> Result<Keys, ServiceError> {
    let sql = "SELECT COUNT(*) AS pieces, CAST(COALESCE(SUM(LENGTH(content)), 0) AS BIGINT) AS bytes
               FROM account_export_pieces WHERE export_id = $1";
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, [export.to_string().into()]);
    let stored = Stored::find_by_statement(statement).one(&**tx).await.map_err(service_error)?;
    let Stored { pieces, bytes } = stored.ok_or_else(|| missing("size of an archive"))?;
    if (Written { pieces, bytes }) != written {
        return Err(ServiceError::bug("another attempt has changed the archive"));
    }
    let sql = "UPDATE account_exports SET ready_at = $1, expires_at = $2, pieces = $3, bytes = $4 WHERE id = $5";
    let expires_at = now + TimeDelta::hours(EXPORT_HOURS);
    execute(tx, sql, [now.into(), expires_at.into(), pieces.into(), bytes.into(), export.to_string().into()]).await?;
    Ok(Keys::none())
}
