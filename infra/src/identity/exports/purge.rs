//! The scheduled task that deletes expired exports with their archives.

use async_trait::async_trait;
use domain::{ServiceError, Time};
use sea_orm::{ConnectionTrait, Statement};

use super::rows::execute;
use crate::db::{Database, Keys, service_error};
use crate::jobs::ScheduledTask;

/// Deletes expired exports.
pub(crate) struct PurgeExports(pub(crate) Database);

#[async_trait]
impl ScheduledTask for PurgeExports {
    fn name(&self) -> &'static str {
        "purge_exports"
    }

    async fn run(&self, now: Time) -> Result<u64, ServiceError> {
        let db = self.0.reader();
        let due = "FROM account_exports WHERE expires_at <= $1";
        let look = Statement::from_sql_and_values(db.get_database_backend(), format!("SELECT id {due} LIMIT 1"), [now.into()]);
        if db.query_one_raw(look).await.map_err(service_error)?.is_none() {
            return Ok(0);
        }
        // One at a time, since an archive may be large.
        let delete = format!("DELETE FROM account_exports WHERE id = (SELECT id {due} ORDER BY expires_at LIMIT 1)");
        self.0.write(Keys::none(), move |tx| async move { execute(&tx, &delete, [now.into()]).await }).await
    }
}
