//! Fills many missing values at once: one batch of lookups, one load, and a lease and a fill for each value.

use std::time::Instant;

use domain::ops::Warmed;
use domain::{CachedResponse, ServiceError};
use futures_util::future::{join_all, try_join_all};

use super::Cache;
use super::changes::Verdict;
use super::entry::FillId;
use super::loading::with_timeout;
use super::registry::Value;
use super::slot::CacheSlot;
use super::store::{Acquired, Lookup};

impl Cache {
    /// Loads and fills the missing values of these keys. `load` gets the indices of the missing keys and must keep their order.
    /// Values that another worker is loading or writing are skipped. While the store is unavailable nothing is loaded.
    pub(crate) async fn prefill<K, E, L>(&self, keys: Vec<K>, load: impl FnOnce(Vec<usize>) -> L) -> Result<Warmed, E>
    where
        K: Value,
        E: From<ServiceError>,
        L: Future<Output = Result<Vec<Option<CachedResponse<K::Value>>>, E>>,
    {
        let slots: Vec<CacheSlot> = keys.into_iter().map(|key| CacheSlot::new(&self.prefix, key.value())).collect();
        // Concurrent reads are sent in one batch.
        let Ok(found) = try_join_all(slots.iter().map(|slot| self.store.get(slot))).await else { return Ok(Warmed::default()) };
        let cold: Vec<_> = found.into_iter().enumerate().filter_map(|(index, found)| self.cold(&slots, index, found)).collect();
        let present = (slots.len() - cold.len()) as u64;
        let acquired = join_all(cold.into_iter().map(|(index, rejected)| self.lease(&slots, index, rejected))).await;
        let leased: Vec<(usize, FillId)> = acquired.into_iter().flatten().collect();
        if leased.is_empty() {
            return Ok(Warmed { loaded: 0, present });
        }
        let started = Instant::now();
        let stamp = with_timeout(self.log.horizon()).await?;
        let responses = with_timeout(load(leased.iter().map(|(index, _)| *index).collect())).await?;
        let time = started.elapsed();
        self.stats.count_load(K::ENTRY, time);
        let fills = leased
            .iter()
            .zip(&responses)
            .map(|((index, id), response)| self.fill(&slots[*index], *id, stamp, time, response.as_ref()));
        Ok(Warmed { loaded: join_all(fills).await.into_iter().flatten().count() as u64, present })
    }

    /// The index and the rejected fill id of a slot that holds no value that may be served; `None` if it holds one.
    fn cold(&self, slots: &[CacheSlot], index: usize, found: Lookup) -> Option<(usize, Option<FillId>)> {
        match found {
            Lookup::Value(entry) if self.judge(&slots[index], &entry) != Verdict::Refuse => None,
            Lookup::Value(entry) => Some((index, Some(entry.fill_id))),
            Lookup::Unreadable(rejected) => Some((index, rejected)),
            Lookup::Nothing => Some((index, None)),
        }
    }

    async fn lease(&self, slots: &[CacheSlot], index: usize, rejected: Option<FillId>) -> Option<(usize, FillId)> {
        let id: FillId = rand::random();
        let acquired = self.store.acquire(&slots[index], id, rejected).await;
        matches!(acquired, Ok(Acquired::Lease)).then_some((index, id))
    }
}
