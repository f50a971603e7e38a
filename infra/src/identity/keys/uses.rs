//! The last use of each key, at most one write a minute and key.
//!
//! Requests note their keys in memory. A scheduled task writes them, so that a key in heavy use does not make its row a queue.

use std::collections::BTreeMap;
use std::mem::replace;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use domain::identity::keys::LAST_USE_SECONDS;
use domain::ids::ApiKeyId;
use domain::{ServiceError, Time};
use parking_lot::Mutex;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};

use super::super::entities::api_key;
use crate::db::{Database, Keys, Tx, service_error};
use crate::jobs::ScheduledTask;

/// The maximum number of keys whose use one transaction writes.
const BATCH: usize = 500;
/// The maximum number of noted keys. Further ones are noted by their next request, after the task has run.
const CAPACITY: usize = 10_000;

/// The keys that requests have used since the task last ran.
#[derive(Default)]
pub(crate) struct KeyUses(Mutex<BTreeMap<ApiKeyId, Time>>);

impl KeyUses {
    /// Notes the use of a key.
    pub(crate) fn note(&self, key: ApiKeyId, at: Time) {
        let mut uses = self.0.lock();
        if uses.len() < CAPACITY || uses.contains_key(&key) {
            uses.insert(key, at);
        }
    }

    /// Takes the uses of at most [`BATCH`] keys.
    fn take_batch(&self) -> BTreeMap<ApiKeyId, Time> {
        let mut uses = self.0.lock();
        let rest = uses.keys().nth(BATCH).copied().map(|next| uses.split_off(&next));
        replace(&mut *uses, rest.unwrap_or_default())
    }
}

/// Writes the last uses of keys.
pub(crate) struct RecordKeyUses {
    pub(crate) db: Database,
    pub(crate) uses: Arc<KeyUses>,
}

#[async_trait]
impl ScheduledTask for RecordKeyUses {
    fn name(&self) -> &'static str {
        "record_key_uses"
    }

    async fn run(&self, _: Time) -> Result<u64, ServiceError> {
        let uses = self.uses.take_batch();
        if uses.is_empty() {
            return Ok(0);
        }
        self.db.write(Keys::none(), move |tx| async move { record(&tx, uses).await }).await
    }
}

/// Writes uses in the order of the keys, so that servers do not wait for each other in a circle. Another server may have written the
/// use of a key within the same minute.
async fn record(tx: &Tx, uses: BTreeMap<ApiKeyId, Time>) -> Result<u64, ServiceError> {
    let mut written = 0;
    for (key, at) in uses {
        let earlier = at - TimeDelta::seconds(LAST_USE_SECONDS);
        let is_due = Condition::any().add(api_key::Column::LastUsedAt.is_null()).add(api_key::Column::LastUsedAt.lte(earlier));
        let updated = api_key::Entity::update_many()
            .set(api_key::ActiveModel { last_used_at: Set(Some(at)), ..Default::default() })
            .filter(api_key::Column::Id.eq(key.to_string()))
            .filter(is_due)
            .exec(&**tx)
            .await
            .map_err(service_error)?;
        written += updated.rows_affected;
    }
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_noted_keys_are_bounded_and_the_last_use_counts() {
        let uses = KeyUses::default();
        let first = ApiKeyId::generate(Time::UNIX_EPOCH);
        uses.note(first, Time::UNIX_EPOCH);
        (0..2 * CAPACITY).for_each(|_| uses.note(ApiKeyId::generate(Time::UNIX_EPOCH), Time::UNIX_EPOCH));
        let last = Time::UNIX_EPOCH + TimeDelta::seconds(9);
        uses.note(first, last);
        let mut noted = BTreeMap::new();
        for _ in 0..CAPACITY / BATCH {
            let batch = uses.take_batch();
            assert_eq!(batch.len(), BATCH);
            noted.extend(batch);
        }
        assert_eq!((noted.len(), noted[&first]), (CAPACITY, last));
        assert!(uses.take_batch().is_empty());
    }
}
