//! The read: look, and on a miss board a flight that loads; and what happens when any of these does not go well.

use std::pin::pin;
use std::sync::Arc;

use domain::operator::Event;
use domain::{Answer, Fault, Freshness, Layer, Outage};
use tokio::task::JoinHandle;

use super::entry::{Entry, FillId};
use super::flights::{Flight, Seat};
use super::key::{Key, Slot};
use super::loading::{Attempt, UNSTORED, hit};
use super::look::Look;
use super::policy::{Type, timing};
use super::{Cache, omissions};
use crate::aside;

/// How often a caller whose flight did not land looks again before it loads by itself.
const ROUNDS: usize = 3;

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
        E: From<Fault> + Outage + Clone + Send + Sync + 'static,
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
        E: From<Fault> + Outage + Clone + Send + Sync + 'static,
        F: Fn(Arc<S>) -> L + Clone + Send + 'static,
        L: Future<Output = Result<Option<Answer<T>>, E>> + Send,
    {
        let (of, slot) = (key.of(), self.slot(key, field));
        let load = {
            let (cache, source) = (Arc::clone(self), Arc::clone(source));
            move || Arc::clone(&cache).timed(of, load(Arc::clone(&source)))
        };
        let first = self.look(of, &slot).await;
        if let Look::Fresh(entry, layer) = &first {
            let now = self.clock.now();
            if entry.wants_refresh(now) {
                self.refresh_ahead(of, &slot, entry, load);
            }
            self.stats.count(of, hit(*layer));
            return Ok(entry.hit(*layer, now));
        }
        // What follows is rare and its state is large: in a box, a hit does not carry it about.
        Box::pin(self.read_on(of, &slot, first, load)).await
    }

    /// The read from its first look on.
    async fn read_on<T, E, F, L>(self: &Arc<Self>, of: Type, slot: &Slot, first: Look, load: F) -> Result<Option<Answer<T>>, E>
    where
        T: 'static,
        E: From<Fault> + Outage + Clone + Send + Sync + 'static,
        F: Fn() -> L + Clone + Send + 'static,
        L: Future<Output = Result<Option<Answer<T>>, E>> + Send,
    {
        let mut stale = None;
        let read = self.while_the_database_lives(self.read_or_fail(of, slot, first, load, &mut stale)).await;
        let (outcome, event) = match (read, stale) {
            (Ok((answer, event)), _) => (Ok(answer), event),
            (Err(error), Some((entry, layer))) if error.is_outage() => (Ok(entry.stale(layer, self.clock.now())), Event::Stale),
            (Err(error), _) => (Err(error), Event::Failed),
        };
        self.stats.count(of, event);
        outcome
    }

    /// Gives a read up that takes long while the log cannot be read either. Long alone may be a crowd, and who is in it is not
    /// helped by an error.
    async fn while_the_database_lives<T, E: From<Fault>>(&self, reading: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let mut reading = pin!(reading);
        loop {
            match tokio::time::timeout(timing::READ, &mut reading).await {
                Ok(outcome) => return outcome,
                Err(_) if self.has_read_log_within(timing::READ.max(self.current_for)) => {}
                Err(late) => return Err(Fault::unavailable(late).into()),
            }
        }
    }

    async fn read_or_fail<T, E, F, L>(
        self: &Arc<Self>,
        of: Type,
        slot: &Slot,
        mut looked: Look,
        load: F,
        stale: &mut Option<(Arc<Entry>, Layer)>,
    ) -> Result<(Option<Answer<T>>, Event), E>
    where
        T: 'static,
        E: From<Fault> + Clone + Send + Sync + 'static,
        F: Fn() -> L + Clone + Send + 'static,
        L: Future<Output = Result<Option<Answer<T>>, E>> + Send,
    {
        for _ in 0..ROUNDS {
            let leftover = match looked {
                Look::Fresh(entry, layer) => {
                    return Ok((entry.hit(layer, self.clock.now()), hit(layer)));
                }
                Look::Miss(leftover) => leftover,
                Look::Off(reason, leftover) => {
                    *stale = leftover.stale;
                    return self.direct(slot, Freshness::Bypass(reason), load()).await;
                }
            };
            *stale = leftover.stale;
            match self.flights.board(slot) {
                Seat::Passenger(passenger) => {
                    // Each passenger judges for itself: it may have come after a change that the pilot came before.
                    let acceptable = |entry: &Arc<Entry>| omissions::acceptance() || self.may_serve(slot, entry);
                    if let Some(entry) = passenger.arrive().await.filter(acceptable) {
                        let answer = entry.answer(Freshness::Miss { stored: true, collapsed: true });
                        return Ok((answer, Event::Joined));
                    }
                    looked = self.look(of, slot).await;
                }
                Seat::Pilot(flight) => {
                    match self.spawn(flight, of, slot, leftover.rejected, load.clone()).await.map_err(Fault::bug)?? {
                        Attempt::Answered(answer, event) => return Ok((answer, event)),
                        Attempt::Direct(freshness) => return self.direct(slot, freshness, load()).await,
                    }
                }
            }
        }
        self.direct(slot, UNSTORED, load()).await
    }

    /// Flies in a task of its own: a caller who hangs up must not strand the passengers, nor the lease.
    fn spawn<T, E, F, L>(
        self: &Arc<Self>,
        flight: Flight,
        of: Type,
        slot: &Slot,
        rejected: Option<FillId>,
        load: F,
    ) -> JoinHandle<Result<Attempt<T>, E>>
    where
        T: 'static,
        E: From<Fault> + Send + 'static,
        F: Fn() -> L + Send + 'static,
        L: Future<Output = Result<Option<Answer<T>>, E>> + Send,
    {
        let (cache, slot) = (Arc::clone(self), slot.clone());
        aside::spawn(async move { cache.fly(flight, of, &slot, rejected, load).await })
    }

    /// Loads a value anew before its time is over, unless that is under way, while readers go on being served the present one.
    fn refresh_ahead<T, E, F, L>(self: &Arc<Self>, of: Type, slot: &Slot, entry: &Entry, load: F)
    where
        T: 'static,
        E: From<Fault> + Send + 'static,
        F: Fn() -> L + Send + 'static,
        L: Future<Output = Result<Option<Answer<T>>, E>> + Send,
    {
        if let Seat::Pilot(flight) = self.flights.board(slot) {
            drop(self.spawn(flight, of, slot, Some(entry.fill_id), load));
        }
    }
}
