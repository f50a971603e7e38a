//! The read: look, ACQUIRE, load, FILL; and what happens when any of these does not go well.

use std::sync::Arc;

use domain::{Answer, Bypass, Fault, Freshness, Layer};

use super::Cache;
use super::changes::{Position, Verdict};
use super::entry::{Entry, FillId};
use super::flights::{Flight, Seat};
use super::key::{Key, Slot};
use super::policy::{Class, Type, timing};
use super::store::{Acquired, Away, Found};

/// How often a caller whose flight did not land looks again before it loads by itself.
const ROUNDS: usize = 3;

/// What looking into the caches told.
enum Look {
    /// A value that may be served, and the layer that held it.
    Fresh(Arc<Entry>, Layer),
    /// None that may be served; what must not count as one if it is still there.
    Miss(Option<FillId>),
    /// The caches are of no use now.
    Off(Bypass),
}

/// What came of the pilot's own attempt.
enum Attempt<T> {
    /// An answer.
    Answered(Option<Answer<T>>),
    /// Load without filling, for this reason.
    Direct(Freshness),
}

/// A miss that fills nothing.
const UNSTORED: Freshness = Freshness::Miss { stored: false, collapsed: false };

impl Cache {
    /// Reads what is always there through the cache; see [`Cache::read`].
    pub(crate) async fn read_present<S, T, E, F, L>(
        self: &Arc<Self>,
        key: &Key,
        field: Option<String>,
        source: &Arc<S>,
        load: F,
    ) -> Result<Answer<T>, E>
    where
        S: Send + Sync + 'static,
        T: 'static,
        E: From<Fault> + Clone + Send + Sync + 'static,
        F: Fn(Arc<S>) -> L + Clone + Send + 'static,
        L: Future<Output = Result<Answer<T>, E>> + Send,
    {
        let load = move |source| {
            let loading = load(source);
            async move { loading.await.map(Some) }
        };
        let answer = self.read(key, field, source, load).await?;
        answer.ok_or_else(|| Fault::bug("an absent result under a key that always has a value").into())
    }

    /// Reads through the cache. `load` answers from the source, `None` when there is nothing; it may run more than once, and it
    /// runs to its end even if the caller goes away.
    pub(crate) async fn read<S, T, E, F, L>(
        self: &Arc<Self>,
        key: &Key,
        field: Option<String>,
        source: &Arc<S>,
        load: F,
    ) -> Result<Option<Answer<T>>, E>
    where
        S: Send + Sync + 'static,
        T: 'static,
        E: From<Fault> + Clone + Send + Sync + 'static,
        F: Fn(Arc<S>) -> L + Clone + Send + 'static,
        L: Future<Output = Result<Option<Answer<T>>, E>> + Send,
    {
        let load = {
            let source = Arc::clone(source);
            move || load(Arc::clone(&source))
        };
        let (of, slot) = (key.of(), self.slot(key, field));
        for _ in 0..ROUNDS {
            let rejected = match self.look(of, &slot).await {
                Look::Fresh(entry, layer) => return Ok(entry.hit(layer, self.clock.now())),
                Look::Miss(rejected) => rejected,
                Look::Off(reason) => return self.direct(&slot, Freshness::Bypass(reason), load()).await,
            };
            match self.flights.board(&slot) {
                Seat::Passenger(passenger) => {
                    // Each passenger judges for itself: it may have come after a change that the pilot came before.
                    if let Some(entry) = passenger.arrive().await.filter(|entry| self.may_serve(&slot, entry)) {
                        return Ok(entry.answer(Freshness::Miss { stored: true, collapsed: true }));
                    }
                }
                Seat::Pilot(flight) => {
                    // In a task of its own: a caller who hangs up must not strand the passengers, nor the lease.
                    let (cache, own_slot, own_load) = (Arc::clone(self), slot.clone(), load.clone());
                    let attempt = tokio::spawn(async move { cache.fly(flight, of, &own_slot, rejected, own_load).await });
                    match attempt.await.map_err(Fault::bug)?? {
                        Attempt::Answered(answer) => return Ok(answer),
                        Attempt::Direct(freshness) => return self.direct(&slot, freshness, load()).await,
                    }
                }
            }
        }
        self.direct(&slot, UNSTORED, load()).await
    }

    /// Looks into the in-process copies, for a near type, and then into the store.
    async fn look(&self, of: Type, slot: &Slot) -> Look {
        let near = self.near.as_ref().filter(|_| of.policy().class == Class::Near);
        if let Some(copy) = near.and_then(|near| near.find(slot)).filter(|copy| self.may_serve(slot, copy)) {
            return Look::Fresh(copy, Layer::Memory);
        }
        let epoch = self.changes.epoch(slot.logical());
        let found = match self.store.get(slot).await {
            Ok(found) => found,
            Err(Away(_)) => return Look::Off(Bypass::RedisUnavailable),
        };
        match found {
            Found::Nothing => Look::Miss(None),
            Found::Garbage(fill_id) => Look::Miss(fill_id),
            Found::Value(entry) => match self.judge(slot, &entry) {
                Verdict::Serve => {
                    if let Some(near) = near {
                        near.keep(&self.changes, slot, Arc::clone(&entry), epoch, self.clock.now().timestamp_millis());
                    }
                    Look::Fresh(entry, self.layer())
                }
                Verdict::Refuse => Look::Miss(Some(entry.fill_id)),
                Verdict::Blind => Look::Off(Bypass::LogBehind),
            },
        }
    }

    /// The judgement on a cached or shared value: its time, and the one rule.
    fn judge(&self, slot: &Slot, entry: &Entry) -> Verdict {
        if entry.remaining(self.clock.now()) <= 0 { Verdict::Refuse } else { self.changes.judge(slot.logical(), entry.stamp) }
    }

    fn may_serve(&self, slot: &Slot, entry: &Entry) -> bool {
        self.judge(slot, entry) == Verdict::Serve
    }

    async fn fly<T, E, F, L>(
        &self,
        flight: Flight,
        of: Type,
        slot: &Slot,
        rejected: Option<FillId>,
        load: F,
    ) -> Result<Attempt<T>, E>
    where
        E: From<Fault>,
        F: Fn() -> L,
        L: Future<Output = Result<Option<Answer<T>>, E>>,
    {
        let id: FillId = rand::random();
        match self.store.acquire(slot, id, rejected).await {
            Ok(Acquired::Lease) => self.load_and_fill(flight, of, slot, id, load).await,
            Ok(Acquired::Hit(entry)) if self.may_serve(slot, &entry) => {
                Ok(Attempt::Answered(entry.hit(self.layer(), self.clock.now())))
            }
            Ok(Acquired::Hit(_) | Acquired::Busy) => Ok(self.wait_for_other(of, slot).await),
            Ok(Acquired::Bypass) => Ok(Attempt::Direct(UNSTORED)),
            Err(Away(_)) => Ok(Attempt::Direct(Freshness::Bypass(Bypass::RedisUnavailable))),
        }
    }

    async fn load_and_fill<T, E, F, L>(
        &self,
        mut flight: Flight,
        of: Type,
        slot: &Slot,
        id: FillId,
        load: F,
    ) -> Result<Attempt<T>, E>
    where
        E: From<Fault>,
        F: Fn() -> L,
        L: Future<Output = Result<Option<Answer<T>>, E>>,
    {
        // Before the load: a stamp read after it would cover changes that the load did not see.
        let stamp = self.log.horizon().await?;
        let answer = load().await?;
        flight.close();
        let stored = self.fill(of, slot, id, stamp, answer.as_ref()).await;
        let freshness = Freshness::Miss { stored: stored.is_some(), collapsed: false };
        if let Some(entry) = stored {
            flight.land(entry);
        }
        Ok(Attempt::Answered(answer.map(|answer| answer.with_freshness(freshness))))
    }

    /// Fills the store; a fill that is refused, or whose outcome is unknown, answers nothing.
    async fn fill<T>(
        &self,
        of: Type,
        slot: &Slot,
        id: FillId,
        stamp: Position,
        answer: Option<&Answer<T>>,
    ) -> Option<Arc<Entry>> {
        let now = self.clock.now();
        let valid_until = self.valid_until(of, answer, now)?;
        let entry = Arc::new(Entry::new(id, stamp, now, valid_until, answer));
        let filled = self.store.fill(slot, Arc::clone(&entry), entry.remaining(now)).await;
        filled.unwrap_or(false).then_some(entry)
    }

    /// Looks again and again for what another worker is loading, but not for long.
    async fn wait_for_other<T>(&self, of: Type, slot: &Slot) -> Attempt<T> {
        for pause in timing::BUSY_POLLS {
            tokio::time::sleep(pause).await;
            match self.look(of, slot).await {
                Look::Fresh(entry, layer) => return Attempt::Answered(entry.hit(layer, self.clock.now())),
                Look::Miss(_) => {}
                Look::Off(reason) => return Attempt::Direct(Freshness::Bypass(reason)),
            }
        }
        Attempt::Direct(UNSTORED)
    }

    /// Loads without filling, together with others who came before the load began.
    async fn direct<T, E>(
        &self,
        slot: &Slot,
        freshness: Freshness,
        load: impl Future<Output = Result<Option<Answer<T>>, E>>,
    ) -> Result<Option<Answer<T>>, E>
    where
        T: 'static,
        E: Clone + Send + Sync + 'static,
    {
        let (outcome, _) = self.queues.load(slot, load).await;
        Ok(outcome?.map(|answer| answer.with_freshness(freshness)))
    }
}
