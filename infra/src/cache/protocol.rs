//! The read: look, ACQUIRE, load, FILL; and what happens when any of these does not go well.

use std::sync::Arc;

use domain::{Answer, Fault, Freshness};

use super::Cache;
use super::entry::{Entry, FillId};
use super::flights::{Flight, Seat};
use super::key::{Key, Slot};
use super::policy::{Type, timing};
use super::store::{Acquired, Away, Found};

/// How often a caller whose flight did not land looks again before it loads by itself.
const ROUNDS: usize = 3;

/// What looking into the store told.
enum Look {
    /// A value that may be served.
    Fresh(Entry),
    /// None that may be served; what must not count as one if it is still there.
    Miss(Option<FillId>),
}

/// What came of the pilot's own attempt.
enum Attempt<T> {
    /// An answer.
    Answered(Option<Answer<T>>),
    /// Load without filling, for this reason.
    Direct(Freshness),
}

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
        let slot = self.slot(key, field);
        for _ in 0..ROUNDS {
            let rejected = match self.look(&slot).await {
                Ok(Look::Fresh(entry)) => return Ok(entry.hit(self.layer(), self.clock.now())),
                Ok(Look::Miss(rejected)) => rejected,
                Err(Away(_)) => return self.direct(&slot, Freshness::Bypass, load()).await,
            };
            match self.flights.board(&slot) {
                Seat::Passenger(passenger) => {
                    if let Some(entry) = passenger.arrive().await {
                        return Ok(entry.answer(Freshness::Miss { stored: true, collapsed: true }));
                    }
                }
                Seat::Pilot(flight) => {
                    // In a task of its own: a caller who hangs up must not strand the passengers, nor the lease.
                    let (cache, of, own_slot, own_load) = (Arc::clone(self), key.of(), slot.clone(), load.clone());
                    let attempt = tokio::spawn(async move { cache.fly(flight, of, &own_slot, rejected, own_load).await });
                    match attempt.await.map_err(Fault::bug)?? {
                        Attempt::Answered(answer) => return Ok(answer),
                        Attempt::Direct(freshness) => return self.direct(&slot, freshness, load()).await,
                    }
                }
            }
        }
        self.direct(&slot, Freshness::Miss { stored: false, collapsed: false }, load()).await
    }

    async fn look(&self, slot: &Slot) -> Result<Look, Away> {
        Ok(match self.store.get(slot).await? {
            Found::Value(entry) if self.may_serve(&entry) => Look::Fresh(entry),
            Found::Value(entry) => Look::Miss(Some(entry.fill_id)),
            Found::Garbage(fill_id) => Look::Miss(fill_id),
            Found::Nothing => Look::Miss(None),
        })
    }

    /// The judgement on a cached value.
    fn may_serve(&self, entry: &Entry) -> bool {
        entry.remaining(self.clock.now()) > 0
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
        F: Fn() -> L,
        L: Future<Output = Result<Option<Answer<T>>, E>>,
    {
        let id: FillId = rand::random();
        match self.store.acquire(slot, id, rejected).await {
            Ok(Acquired::Lease) => self.load_and_fill(flight, of, slot, id, load).await,
            Ok(Acquired::Hit(entry)) if self.may_serve(&entry) => {
                Ok(Attempt::Answered(entry.hit(self.layer(), self.clock.now())))
            }
            Ok(Acquired::Hit(_) | Acquired::Busy) => Ok(self.wait_for_other(slot).await),
            Err(Away(_)) => Ok(Attempt::Direct(Freshness::Bypass)),
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
        F: Fn() -> L,
        L: Future<Output = Result<Option<Answer<T>>, E>>,
    {
        let answer = load().await?;
        flight.close();
        let now = self.clock.now();
        let mut stored = false;
        if let Some(valid_until) = self.valid_until(of, answer.as_ref(), now) {
            let entry = Entry::new(id, now, valid_until, answer.as_ref());
            // A fill whose outcome is unknown counts as refused.
            stored = self.store.fill(slot, &entry, entry.remaining(now)).await.unwrap_or(false);
            if stored {
                flight.land(Arc::new(entry));
            }
        }
        let freshness = Freshness::Miss { stored, collapsed: false };
        Ok(Attempt::Answered(answer.map(|answer| answer.with_freshness(freshness))))
    }

    /// Looks again and again for what another worker is loading, but not for long.
    async fn wait_for_other<T>(&self, slot: &Slot) -> Attempt<T> {
        for pause in timing::BUSY_POLLS {
            tokio::time::sleep(pause).await;
            match self.look(slot).await {
                Ok(Look::Fresh(entry)) => return Attempt::Answered(entry.hit(self.layer(), self.clock.now())),
                Ok(Look::Miss(_)) => {}
                Err(Away(_)) => return Attempt::Direct(Freshness::Bypass),
            }
        }
        Attempt::Direct(Freshness::Miss { stored: false, collapsed: false })
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
