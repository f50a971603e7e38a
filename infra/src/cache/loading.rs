//! Loading what no cache holds: ACQUIRE, load, FILL; waiting for another worker's load; or loading without filling.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::operator::Event;
use domain::{Answer, Bypass, Fault, Freshness, Layer};

use super::changes::Position;
use super::entry::{Entry, Fill, FillId};
use super::flights::Flight;
use super::key::Slot;
use super::look::Look;
use super::policy::{Type, timing};
use super::store::{Acquired, Away};
use super::{Cache, omissions};

/// What came of the pilot's own attempt.
pub(super) enum Attempt<T> {
    /// An answer, and how it was come by.
    Answered(Option<Answer<T>>, Event),
    /// Load without filling, for this reason.
    Direct(Freshness),
}

/// A miss that fills nothing.
pub(super) const UNSTORED: Freshness = Freshness::Miss { stored: false, collapsed: false };

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
    /// A load that takes no longer than it may, and is counted.
    pub(super) async fn timed<T, E: From<Fault>>(
        self: Arc<Self>,
        of: Type,
        loading: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let started = Instant::now();
        let outcome = in_time(loading).await;
        self.stats.loaded(of, started.elapsed());
        outcome
    }

    pub(super) async fn fly<T, E, F, L>(
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
    pub(super) async fn direct<T, E>(
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

/// The event that a hit in a layer is.
pub(super) fn hit(layer: Layer) -> Event {
    match layer {
        Layer::Memory => Event::HitMemory,
        Layer::Redis => Event::HitRedis,
    }
}

#[cfg(test)]
mod tests {
    use domain::Outage;

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
