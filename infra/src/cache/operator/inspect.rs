//! One key: what is held under it, and where.

use std::sync::Arc;

use domain::operator::{Held, KeyFigures, OperatorError, RedisKey};
use domain::{Fault, Time};

use super::CacheOperator;
use crate::cache::Key;
use crate::cache::changes::Verdict;
use crate::cache::entry::Entry;
use crate::cache::key::Slot;

impl CacheOperator {
    /// What is held under a key.
    pub(super) async fn look_at(&self, key: &Key) -> Result<KeyFigures, OperatorError> {
        let slot = self.cache.slot(key, None);
        let redis = match &self.redis {
            Some(redis) => redis.key_figures(&slot).await.map_err(Fault::unavailable)?,
            None => None,
        };
        let redis = redis.map(|(ttl_ms, bytes, values)| RedisKey { ttl_ms, bytes, values: self.held(&slot, values) });
        let copies = self.cache.copies().map(|shelf| shelf.pages(&slot.key)).unwrap_or_default();
        Ok(KeyFigures {
            key: slot.logical().to_owned(),
            name: key.of().policy().name.into(),
            memory: self.held(&slot, copies),
            physical_key: slot.key,
            redis,
        })
    }

    fn held(&self, slot: &Slot, entries: Vec<(Option<String>, Arc<Entry>)>) -> Vec<Held> {
        let held = |(page, entry): (Option<String>, Arc<Entry>)| Held {
            verdict: match self.cache.judge(slot, &entry) {
                Verdict::Serve => "serve",
                Verdict::Refuse => "refuse",
                Verdict::Blind => "blind",
            }
            .into(),
            page,
            fill_id: format!("{:032x}", u128::from_be_bytes(entry.fill_id)),
            stored_at: Time::from_timestamp_millis(entry.stored_at).unwrap_or_default(),
            valid_until: Time::from_timestamp_millis(entry.valid_until).unwrap_or_default(),
            stamp: entry.stamp,
            load_ms: entry.load_ms.into(),
            etag: entry.json.is_some().then(|| entry.etag.as_str().to_owned()),
            bytes: entry.json.as_ref().map_or(0, |json| json.len() as u64),
        };
        entries.into_iter().map(held).collect()
    }
}
