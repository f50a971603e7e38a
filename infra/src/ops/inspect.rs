//! Inspects one key: its values in Redis and in the memory of this server.

use std::sync::Arc;

use domain::ops::{HeldValue, KeyDetails, OperatorError, RedisKey};
use domain::{ServiceError, Time};

use super::{CacheOperator, redis};
use crate::cache::{CacheSlot, Entry, EntryType, Verdict, physical};

impl CacheOperator {
    /// The values under a key as an operator writes it, and whether they would be served.
    pub(super) async fn details(&self, written: &str) -> Result<KeyDetails, OperatorError> {
        let (entry, logical) = EntryType::canonical(written).ok_or(OperatorError::UnknownKey)?;
        let key = physical(self.cache.prefix(), &logical);
        let in_redis = match &self.redis {
            Some(store) => redis::stored(store, entry, &key).await.map_err(ServiceError::unavailable)?,
            None => None,
        };
        let in_redis = in_redis.map(|stored| RedisKey {
            ttl_ms: stored.ttl_ms,
            bytes: stored.bytes,
            values: self.values(entry, &key, stored.values),
        });
        Ok(KeyDetails {
            key: logical,
            name: entry.policy().setting.into(),
            memory: self.values(entry, &key, self.cache.local_pages(&key)),
            physical_key: key,
            redis: in_redis,
        })
    }

    fn values(&self, entry: EntryType, key: &str, values: Vec<(Option<String>, Arc<Entry>)>) -> Vec<HeldValue> {
        let slot = CacheSlot { entry, key: key.to_owned(), field: None };
        values.into_iter().map(|(page, value)| self.value(&slot, page, &value)).collect()
    }

    fn value(&self, slot: &CacheSlot, page: Option<String>, value: &Entry) -> HeldValue {
        let verdict = match self.cache.judge(slot, value) {
            Verdict::Serve => "serve",
            Verdict::Refuse => "refuse",
            Verdict::Blind => "blind",
        };
        HeldValue {
            page,
            fill_id: format!("{:032x}", u128::from_be_bytes(value.fill_id)),
            stored_at: Time::from_timestamp_millis(value.stored_at).unwrap_or_default(),
            valid_until: Time::from_timestamp_millis(value.valid_until).unwrap_or_default(),
            stamp: value.stamp,
            load_ms: value.load_ms.into(),
            etag: value.json.is_some().then(|| value.etag.as_str().to_owned()),
            bytes: value.json.as_ref().map_or(0, |json| json.len() as u64),
            verdict: verdict.into(),
        }
    }
}
