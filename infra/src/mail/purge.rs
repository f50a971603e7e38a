//! The scheduled task that deletes old kept mails.

use async_trait::async_trait;
use chrono::TimeDelta;
use domain::mail::KEPT_DAYS;
use domain::{ServiceError, Time};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::kept_mail;
use crate::db::{Database, Keys, service_error};
use crate::jobs::ScheduledTask;

/// Deletes kept mails after [`KEPT_DAYS`] days.
pub(crate) struct PurgeKeptMails(pub(crate) Database);

#[async_trait]
impl ScheduledTask for PurgeKeptMails {
    fn name(&self) -> &'static str {
        "purge_kept_mails"
    }

    async fn run(&self, now: Time) -> Result<u64, ServiceError> {
        let is_old = kept_mail::Column::CreatedAt.lte(now - TimeDelta::days(KEPT_DAYS));
        let due = kept_mail::Entity::find().filter(is_old.clone()).limit(1);
        if due.one(self.0.reader()).await.map_err(service_error)?.is_none() {
            return Ok(0);
        }
        let work = move |tx: crate::db::Tx| async move {
            let purged = kept_mail::Entity::delete_many().filter(is_old).exec(&*tx).await.map_err(service_error)?;
            Ok::<_, ServiceError>(purged.rows_affected)
        };
        self.0.write(Keys::none(), work).await
    }
}
