//! Many values at once: one read tells what is cold, one load brings it, and each value is filled under its own lease.

use std::time::Instant;

use domain::operator::Warmed;
use domain::{Answer, Fault};
use futures_util::future::{join_all, try_join_all};

use super::Cache;
use super::changes::Verdict;
use super::entry::FillId;
use super::key::{Key, Slot};
use super::loading::in_time;
use super::store::{Acquired, Found};

impl Cache {
    /// Loads those of many values, none of them a page, that are not warm. `load` gets the places of their keys and answers in
    /// their order. What another worker is loading or writing is left to it; so is everything while the store is away.
    pub(crate) async fn prefill<T, E, L>(&self, keys: &[Key], load: impl FnOnce(Vec<usize>) -> L) -> Result<Warmed, E>
    where
        E: From<Fault>,
        L: Future<Output = Result<Vec<Option<Answer<T>>>, E>>,
    {
        let slots: Vec<Slot> = keys.iter().map(|key| self.slot(key, None)).collect();
        // Asked at the same time, they travel together.
        let Ok(found) = try_join_all(slots.iter().map(|slot| self.store.get(slot))).await else { return Ok(Warmed::default()) };
        let cold: Vec<_> = found.into_iter().enumerate().filter_map(|(place, found)| self.cold(&slots, place, found)).collect();
        let present = (slots.len() - cold.len()) as u64;
        let acquired = join_all(cold.into_iter().map(|(place, rejected)| self.lease(&slots, place, rejected))).await;
        let leased: Vec<(usize, FillId)> = acquired.into_iter().flatten().collect();
        if leased.is_empty() {
            return Ok(Warmed { loaded: 0, present });
        }
        let started = Instant::now();
        let stamp = in_time(self.log.horizon()).await?;
        let answers = in_time(load(leased.iter().map(|(place, _)| *place).collect())).await?;
        let time = started.elapsed();
        self.stats.loaded(keys[leased[0].0].of(), time);
        let fills = leased.iter().zip(&answers).map(|((place, id), answer)| {
            let of = keys[*place].of();
            self.fill(of, &slots[*place], *id, stamp, time, answer.as_ref())
        });
        Ok(Warmed { loaded: join_all(fills).await.into_iter().flatten().count() as u64, present })
    }

    /// A place without a value that may be served, and what must not count as one.
    fn cold(&self, slots: &[Slot], place: usize, found: Found) -> Option<(usize, Option<FillId>)> {
        match found {
            Found::Value(entry) if self.judge(&slots[place], &entry) != Verdict::Refuse => None,
            Found::Value(entry) => Some((place, Some(entry.fill_id))),
            Found::Garbage(rejected) => Some((place, rejected)),
            Found::Nothing => Some((place, None)),
        }
    }

    async fn lease(&self, slots: &[Slot], place: usize, rejected: Option<FillId>) -> Option<(usize, FillId)> {
        let id: FillId = rand::random();
        let acquired = self.store.acquire(&slots[place], id, rejected).await;
        matches!(acquired, Ok(Acquired::Lease)).then_some((place, id))
    }
}
