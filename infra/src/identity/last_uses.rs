//! The last use of sessions and API keys: noted in memory by the authenticator, written in batches, at most once a minute for each.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use domain::identity::Credential;
use domain::{ServiceError, Time};
use parking_lot::Mutex;
use sea_orm::{ConnectionTrait, DbBackend, Value};

use crate::db::{Database, Keys, Tx, execute};
use crate::jobs::ScheduledTask;

/// The shortest time between two writes of the last use of a credential, in seconds.
pub(super) const PRECISION_SECONDS: i64 = 60;
/// The maximum number of noted credentials. Above it, uses are not noted until the next batch.
const CAPACITY: usize = 50_000;
/// The maximum number of credentials in one statement.
const BATCH: usize = 500;

/// The credentials that were used since the last batch.
#[derive(Default)]
pub(crate) struct LastUses(Mutex<Noted>);

#[derive(Default)]
struct Noted {
    sessions: BTreeSet<String>,
    keys: BTreeSet<String>,
}

impl LastUses {
    /// Notes the use of a credential.
    pub(super) fn note(&self, credential: Credential) {
        let Noted { sessions, keys } = &mut *self.0.lock();
        let (used, id) = match credential {
            Credential::Session(session) => (sessions, session.to_string()),
            Credential::UserKey(key) | Credential::ServiceKey(key) => (keys, key.to_string()),
        };
        if used.len() < CAPACITY {
            used.insert(id);
        }
    }
}

/// Writes the last uses.
pub(crate) struct RecordLastUses {
    pub(crate) uses: Arc<LastUses>,
    pub(crate) db: Database,
}

#[async_trait]
impl ScheduledTask for RecordLastUses {
    fn name(&self) -> &'static str {
        "record_last_uses"
    }

    fn is_local(&self) -> bool {
        true
    }

    async fn run(&self, now: Time) -> Result<u64, ServiceError> {
        let Noted { sessions, keys } = std::mem::take(&mut *self.uses.0.lock());
        Ok(self.record_all("login_sessions", sessions, now).await? + self.record_all("api_keys", keys, now).await?)
    }
}

impl RecordLastUses {
    async fn record_all(&self, table: &'static str, used: BTreeSet<String>, now: Time) -> Result<u64, ServiceError> {
        let used: Vec<String> = used.into_iter().collect();
        for batch in used.chunks(BATCH) {
            let batch = batch.to_vec();
            self.db.write(Keys::none(), move |tx| async move { record(&tx, table, batch, now).await }).await?;
        }
        Ok(used.len() as u64)
    }
}

/// Writes the uses of a batch, except those that another server has written within the same minute.
async fn record(tx: &Tx, table: &str, ids: Vec<String>, now: Time) -> Result<(), ServiceError> {
    let backend = tx.get_database_backend();
    // Servers that write the same rows skip them instead of waiting for each other in a circle.
    let claim = if backend == DbBackend::Postgres { "FOR UPDATE SKIP LOCKED" } else { "" };
    let placeholders: Vec<String> = (3..).take(ids.len()).map(|number| format!("${number}")).collect();
    let sql = format!(
        "UPDATE {table} SET last_used_at = $1 WHERE id IN
         (SELECT id FROM {table} WHERE id IN ({}) AND (last_used_at IS NULL OR last_used_at <= $2) {claim})",
        placeholders.join(", ")
    );
    let times = [now, now - TimeDelta::seconds(PRECISION_SECONDS)].map(Value::from);
    let values = times.into_iter().chain(ids.into_iter().map(Value::from));
    execute(tx, &sql, values).await.map(drop)
}

#[cfg(test)]
mod tests {
    use domain::ids::{ApiKeyId, SessionId};

    use super::*;

    #[test]
    fn the_noted_credentials_are_bounded() {
        let uses = LastUses::default();
        for _ in 0..=CAPACITY {
            uses.note(Credential::Session(SessionId::generate(Time::UNIX_EPOCH)));
        }
        uses.note(Credential::UserKey(ApiKeyId::generate(Time::UNIX_EPOCH)));
        let noted = uses.0.lock();
        assert_eq!((noted.sessions.len(), noted.keys.len()), (CAPACITY, 1));
    }
}
