//! The last use of login sessions: noted in memory by the authenticator, written in batches, at most once a minute a session.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use domain::identity::Credential;
use domain::ids::SessionId;
use domain::{ServiceError, Time};
use parking_lot::Mutex;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};

use super::entities::login_session;
use crate::db::{Database, Keys, service_error};
use crate::jobs::ScheduledTask;

/// The shortest time between two writes of the last use of a session, in seconds.
pub(super) const PRECISION_SECONDS: i64 = 60;
/// The maximum number of sessions in memory. Above it, uses are not noted until the next batch.
const CAPACITY: usize = 50_000;
/// The maximum number of sessions in one statement.
const BATCH: usize = 500;

/// The sessions that were used since the last batch.
#[derive(Default)]
pub(crate) struct LastUses(Mutex<BTreeSet<SessionId>>);

impl LastUses {
    /// Notes the use of a session. API keys note their own.
    pub(super) fn note(&self, credential: Credential) {
        if let Credential::Session(session) = credential {
            let mut used = self.0.lock();
            if used.len() < CAPACITY {
                used.insert(session);
            }
        }
    }
}

/// Writes the last uses of sessions.
pub(crate) struct RecordLastUses {
    pub(crate) uses: Arc<LastUses>,
    pub(crate) db: Database,
}

#[async_trait]
impl ScheduledTask for RecordLastUses {
    fn name(&self) -> &'static str {
        "record_last_uses"
    }

    async fn run(&self, now: Time) -> Result<u64, ServiceError> {
        let used: Vec<String> = std::mem::take(&mut *self.uses.0.lock()).iter().map(ToString::to_string).collect();
        for batch in used.chunks(BATCH) {
            self.record(batch.to_vec(), now).await?;
        }
        Ok(used.len() as u64)
    }
}

impl RecordLastUses {
    async fn record(&self, sessions: Vec<String>, now: Time) -> Result<(), ServiceError> {
        // Another server may have written a use within the same minute.
        let outdated = Condition::any()
            .add(login_session::Column::LastUsedAt.is_null())
            .add(login_session::Column::LastUsedAt.lte(now - TimeDelta::seconds(PRECISION_SECONDS)));
        self.db
            .write(Keys::none(), move |tx| async move {
                login_session::Entity::update_many()
                    .set(login_session::ActiveModel { last_used_at: Set(Some(now)), ..Default::default() })
                    .filter(login_session::Column::Id.is_in(sessions))
                    .filter(login_session::Column::RevokedAt.is_null())
                    .filter(outdated)
                    .exec(&*tx)
                    .await
                    .map_err(service_error)?;
                Ok(())
            })
            .await
    }
}
