//! The scheduled task that deletes the rows of dead sessions, of links that have expired, and of keys revoked long ago.

use async_trait::async_trait;
use chrono::TimeDelta;
use domain::{ServiceError, Time};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QuerySelect, Statement};

use super::entities::{api_key, login_session, mail_token};
use crate::db::{Database, Keys, service_error};
use crate::jobs::ScheduledTask;

/// The maximum number of sessions that one transaction deletes.
const BATCH: i64 = 500;
/// How long the row of a revoked key is kept, in days.
const REVOKED_KEY_DAYS: i64 = 30;

/// Deletes sessions whose last token has expired, the tokens of links that have expired, and keys that were revoked 30 days ago. A token
/// of a deleted session and a deleted key stay refused, because they have no row.
pub(crate) struct PurgeLoginSessions(pub(crate) Database);

#[async_trait]
impl ScheduledTask for PurgeLoginSessions {
    fn name(&self) -> &'static str {
        "purge_login_sessions"
    }

    async fn run(&self, now: Time) -> Result<u64, ServiceError> {
        Ok(self.purge_links(now).await? + self.purge_sessions(now).await? + self.purge_keys(now).await?)
    }
}

impl PurgeLoginSessions {
    /// The key of a request that is refused as revoked is known for 30 days, then it is unknown.
    async fn purge_keys(&self, now: Time) -> Result<u64, ServiceError> {
        let is_due = api_key::Column::RevokedAt.lte(now - TimeDelta::days(REVOKED_KEY_DAYS));
        let due = api_key::Entity::find().filter(is_due.clone()).limit(1);
        if due.one(self.0.reader()).await.map_err(service_error)?.is_none() {
            return Ok(0);
        }
        self.0
            .write(Keys::none(), move |tx| async move {
                let purged = api_key::Entity::delete_many().filter(is_due).exec(&*tx).await.map_err(service_error)?;
                Ok::<_, ServiceError>(purged.rows_affected)
            })
            .await
    }

    async fn purge_sessions(&self, now: Time) -> Result<u64, ServiceError> {
        let due = login_session::Entity::find().filter(login_session::Column::ExpiresAt.lte(now)).limit(1);
        if due.one(self.0.reader()).await.map_err(service_error)?.is_none() {
            return Ok(0);
        }
        self.0
            .write(Keys::none(), move |tx| async move {
                let backend = tx.get_database_backend();
                // Rows that another transaction uses or deletes are skipped.
                let claim = if backend == DbBackend::Postgres { "FOR UPDATE SKIP LOCKED" } else { "" };
                let sql = format!(
                    "DELETE FROM login_sessions WHERE id IN
                     (SELECT id FROM login_sessions WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2 {claim})"
                );
                let statement = Statement::from_sql_and_values(backend, sql, [now.into(), BATCH.into()]);
                Ok::<_, ServiceError>(tx.execute_raw(statement).await.map_err(service_error)?.rows_affected())
            })
            .await
    }

    async fn purge_links(&self, now: Time) -> Result<u64, ServiceError> {
        let due = mail_token::Entity::find().filter(mail_token::Column::ExpiresAt.lte(now)).limit(1);
        if due.one(self.0.reader()).await.map_err(service_error)?.is_none() {
            return Ok(0);
        }
        self.0
            .write(Keys::none(), move |tx| async move {
                let expired = mail_token::Entity::delete_many().filter(mail_token::Column::ExpiresAt.lte(now));
                Ok::<_, ServiceError>(expired.exec(&*tx).await.map_err(service_error)?.rows_affected)
            })
            .await
    }
}
