//! The read: look, ACQUIRE, load, FILL; and what happens when any of these does not go well.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::operator::Event;
use domain::{Answer, Bypass, Fault, Freshness, Layer, Outage};
use tokio::task::JoinHandle;

use super::changes::{Position, Verdict};
use super::entry::{Entry, Fill, FillId};
use super::flights::{Flight, Seat};
use super::key::{Key, Slot};
use super::policy::{Class, Type, timing};
use super::store::{Acquired, Away, Found};
use super::{Cache, omissions};
use crate::aside;

/// How often a caller whose flight did not land looks again before it loads by itself.
const ROUNDS: usize = 3;

/// What looking into the caches told.
enum Look {
    /// A value that may be served, and the layer that held it.
    Fresh(Arc<Entry>, Layer),
    /// None that may be served.
    Miss(Leftover),
    /// The caches are of no use now.
    Off(Bypass, Leftover),
}

/// What is there although it may not be served.
#[derive(Default)]
struct Leftover {
    /// What must not count as a value if it is still there.
    rejected: Option<FillId>,
    /// What may be served all the same if the database does not answer: it is past its time, or cannot be judged, and no
    /// change is known that refuses it.
    stale: Option<(Arc<Entry>, Layer)>,
}

/// What came of the pilot's own attempt.
enum Attempt<T> {
    /// An answer, and how it was come by.
    Answered(Option<Answer<T>>, Event),
    /// Load without filling, for this reason.
    Direct(Freshness),
}

/// A miss that fills nothing.
const UNSTORED: Freshness = Freshness::Miss { stored: false, collapsed: false };

/// In how many steps a load's time is counted.
const STEPS: u32 = 15;

/// A database that hangs is one that is away. Time is counted in steps, each begun when the last one was seen to end: a pause of
/// this very process costs one step, and is not held against the database.
pub(super) async fn in_time<T, E: From<Fault>>(loading: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    let patience = async {
        for _ in 0..STEPS {
            tokio::time::sleep(timing::LOAD / STEPS).await;
        }
    };
    tokio::select! {
        biased;
        outcome = loading => outcome,
        () = patience => Err(Fault::unavailable("a load took too long").into()),
    }
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

    /// A load that takes no longer than it may, and is counted.
    async fn timed<T, E: From<Fault>>(self: Arc<Self>, of: Type, loading: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let started = Instant::now();
        let outcome = in_time(loading).await;
        self.stats.loaded(of, started.elapsed());
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

    /// Looks into the in-process copies, for a near type, and then into the store.
    async fn look(&self, of: Type, slot: &Slot) -> Look {
        let near = self.near.as_ref().filter(|_| of.policy().class == Class::Near);
        let copy = near.and_then(|near| near.find(slot));
        if let Some(copy) = copy.as_ref().filter(|copy| self.may_serve(slot, copy)) {
            return Look::Fresh(Arc::clone(copy), Layer::Memory);
        }
        let epoch = self.changes.epoch(slot.logical());
        let found = match self.store.get(slot).await {
            Ok(found) => found,
            Err(Away(_)) => return Look::Off(Bypass::RedisUnavailable, self.leftover(of, slot, copy, Layer::Memory)),
        };
        match found {
            Found::Nothing => Look::Miss(self.leftover(of, slot, copy, Layer::Memory)),
            Found::Garbage(rejected) => Look::Miss(Leftover { rejected, ..self.leftover(of, slot, copy, Layer::Memory) }),
            Found::Value(entry) => match self.judge(slot, &entry) {
                Verdict::Serve => {
                    self.keep_copy(of, slot, &entry, epoch);
                    Look::Fresh(entry, self.layer())
                }
                Verdict::Refuse => {
                    if entry.remaining(self.clock.now()) > 0 {
                        self.stats.count(of, Event::RefusedValue);
                    }
                    Look::Miss(self.leftover(of, slot, Some(entry), self.layer()))
                }
                Verdict::Blind => Look::Off(Bypass::LogBehind, self.leftover(of, slot, Some(entry), self.layer())),
            },
        }
    }

    /// Keeps a copy of a near value in this process, unless its key has changed since `epoch` was read.
    fn keep_copy(&self, of: Type, slot: &Slot, entry: &Arc<Entry>, epoch: u64) {
        if let Some(near) = self.near.as_ref().filter(|_| of.policy().class == Class::Near) {
            near.keep(&self.changes, slot, Arc::clone(entry), epoch, self.clock.now().timestamp_millis());
        }
    }

    /// What a value that may not be served is still good for.
    fn leftover(&self, of: Type, slot: &Slot, entry: Option<Arc<Entry>>, layer: Layer) -> Leftover {
        let Some(entry) = entry else { return Leftover::default() };
        let refused = self.changes.judge(slot.logical(), entry.stamp) == Verdict::Refuse;
        let usable = of.policy().stale.is_some() && !refused && entry.kept_for(self.clock.now()) > 0;
        Leftover { rejected: Some(entry.fill_id), stale: usable.then_some((entry, layer)) }
    }

    /// The judgement on a cached or shared value: its time, and the one rule.
    pub(super) fn judge(&self, slot: &Slot, entry: &Entry) -> Verdict {
        if entry.remaining(self.clock.now()) <= 0 { Verdict::Refuse } else { self.changes.judge(slot.logical(), entry.stamp) }
    }

    pub(super) fn may_serve(&self, slot: &Slot, entry: &Entry) -> bool {
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
                Ok(Attempt::Answered(entry.hit(self.layer(), self.clock.now()), hit(self.layer())))
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
        let started = Instant::now();
        // Before the load: a stamp read after it would cover changes that the load did not see.
        let stamp = in_time(self.log.horizon()).await?;
        let answer = load().await?;
        flight.close();
        let stored = self.fill(of, slot, id, stamp, started.elapsed(), answer.as_ref()).await;
        let freshness = Freshness::Miss { stored: stored.is_some(), collapsed: false };
        if let Some(entry) = stored {
            flight.land(entry);
        }
        Ok(Attempt::Answered(answer.map(|answer| answer.with_freshness(freshness)), Event::Miss))
    }

    /// Fills the store; a fill that is refused, or whose outcome is unknown, answers nothing.
    pub(super) async fn fill<T>(
        &self,
        of: Type,
        slot: &Slot,
        id: FillId,
        stamp: Position,
        load_time: Duration,
        answer: Option<&Answer<T>>,
    ) -> Option<Arc<Entry>> {
        let now = self.clock.now();
        let valid_until = self.valid_until(of, answer, now)?;
        let fill = Fill { id, now, valid_until, stale: of.policy().stale, load_time, stamp };
        let entry = Arc::new(Entry::new(fill, answer));
        // What is past its time is kept by the copies in the process only.
        let filled = self.store.fill(slot, Arc::clone(&entry), entry.remaining(now)).await;
        let accepted = filled.unwrap_or(false) || omissions::acceptance();
        self.stats.count(of, if accepted { Event::Fill } else { Event::RefusedFill });
        accepted.then_some(entry)
    }

    /// Looks again and again for what another worker is loading, but not for long.
    async fn wait_for_other<T>(&self, of: Type, slot: &Slot) -> Attempt<T> {
        for pause in timing::BUSY_POLLS {
            tokio::time::sleep(pause).await;
            match self.look(of, slot).await {
                Look::Fresh(entry, layer) => return Attempt::Answered(entry.hit(layer, self.clock.now()), hit(layer)),
                Look::Miss(_) => {}
                Look::Off(reason, _) => return Attempt::Direct(Freshness::Bypass(reason)),
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
    ) -> Result<(Option<Answer<T>>, Event), E>
    where
        T: 'static,
        E: Clone + Send + Sync + 'static,
    {
        let (outcome, joined) = self.queues.load(slot, load).await;
        let (freshness, event) = match freshness {
            Freshness::Miss { stored, .. } if joined => (Freshness::Miss { stored, collapsed: true }, Event::Joined),
            _ if joined => (freshness, Event::Joined),
            Freshness::Bypass(_) => (freshness, Event::Bypassed),
            _ => (freshness, Event::Miss),
        };
        Ok((outcome?.map(|answer| answer.with_freshness(freshness)), event))
    }
}

fn hit(layer: Layer) -> Event {
    match layer {
        Layer::Memory => Event::HitMemory,
        Layer::Redis => Event::HitRedis,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_pause_of_this_process_is_not_held_against_the_database() {
        let paused = in_time(async {
            std::thread::sleep(timing::LOAD);
            tokio::time::sleep(Duration::from_millis(20)).await;
            Ok::<_, Fault>(())
        });
        assert!(paused.await.is_ok());
    }

    #[tokio::test]
    async fn a_database_that_hangs_is_away() {
        let hanging = in_time(std::future::pending::<Result<(), Fault>>());
        assert!(hanging.await.is_err_and(|fault| fault.is_outage()));
    }
}
