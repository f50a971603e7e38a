//! Loading what no cache holds: ACQUIRE, load, FILL; waiting for another worker's load; or loading without filling.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::ops::Event;
use domain::{Bypass, CachedResponse, Freshness, Layer, ServiceError};

use super::entry::{Entry, Fill, FillId};
use super::in_flight::InFlight;
use super::lookup::LookupOutcome;
use super::policy::{EntryType, timing};
use super::slot::CacheSlot;
use super::store::{Acquired, StoreUnavailable};
use super::{Cache, safeguards};
use crate::db::Position;

/// The outcome of the leader's attempt.
pub(super) enum Attempt<T> {
    /// The response and its source.
    Response(Option<CachedResponse<T>>, Event),
    /// The caller must load without filling, for this reason.
    Direct(Freshness),
}

/// A miss that fills nothing.
pub(super) const UNSTORED: Freshness = Freshness::Miss { stored: false, collapsed: false };

/// In how many steps a load's time is counted.
const STEPS: u32 = 15;

/// A load with a time-out: a database that hangs counts as unavailable. Time is counted in steps, each begun when the last one was
/// seen to end. A pause of this process costs one step and is not counted against the database.
pub(crate) async fn with_timeout<T, E: From<ServiceError>>(loading: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    let patience = async {
        for _ in 0..STEPS {
            tokio::time::sleep(timing::LOAD / STEPS).await;
        }
    };
    tokio::select! {
        biased;
        outcome = loading => outcome,
        () = patience => Err(ServiceError::unavailable("a load took too long").into()),
    }
}

impl Cache {
    /// A load with a time-out, which is counted.
    pub(super) async fn timed<T, E: From<ServiceError>>(
        self: Arc<Self>,
        entry: EntryType,
        loading: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let started = Instant::now();
        let outcome = with_timeout(loading).await;
        self.stats.loaded(entry, started.elapsed());
        outcome
    }

    /// The leader's attempt to load and fill.
    pub(super) async fn lead<T, E, F, L>(
        &self,
        in_flight: InFlight,
        slot: &CacheSlot,
        rejected: Option<FillId>,
        load: F,
    ) -> Result<Attempt<T>, E>
    where
        E: From<ServiceError>,
        F: Fn() -> L,
        L: Future<Output = Result<Option<CachedResponse<T>>, E>>,
    {
        let id: FillId = rand::random();
        match self.store.acquire(slot, id, rejected).await {
            Ok(Acquired::Lease) => self.load_and_fill(in_flight, slot, id, load).await,
            Ok(Acquired::Hit(entry)) if self.may_serve(slot, &entry) => {
                Ok(Attempt::Response(entry.hit(self.layer(), self.clock.now()), hit(self.layer())))
            }
            Ok(Acquired::Hit(_) | Acquired::Busy) => Ok(self.wait_for_other(slot).await),
            Ok(Acquired::Bypass) => Ok(Attempt::Direct(UNSTORED)),
            Err(StoreUnavailable(_)) => Ok(Attempt::Direct(Freshness::Bypass(Bypass::StoreUnavailable))),
        }
    }

    async fn load_and_fill<T, E, F, L>(
        &self,
        mut in_flight: InFlight,
        slot: &CacheSlot,
        id: FillId,
        load: F,
    ) -> Result<Attempt<T>, E>
    where
        E: From<ServiceError>,
        F: Fn() -> L,
        L: Future<Output = Result<Option<CachedResponse<T>>, E>>,
    {
        let started = Instant::now();
        // Before the load: a stamp read after it would cover changes that the load did not see.
        let stamp = with_timeout(self.log.horizon()).await?;
        let response = load().await?;
        in_flight.close();
        let stored = self.fill(slot, id, stamp, started.elapsed(), response.as_ref()).await;
        let freshness = Freshness::Miss { stored: stored.is_some(), collapsed: false };
        if let Some(entry) = stored {
            in_flight.complete(entry);
        }
        Ok(Attempt::Response(response.map(|response| response.with_freshness(freshness)), Event::Miss))
    }

    /// Fills the store. `None` when the fill is refused or its outcome is unknown.
    pub(super) async fn fill<T>(
        &self,
        slot: &CacheSlot,
        id: FillId,
        stamp: Position,
        load_time: Duration,
        response: Option<&CachedResponse<T>>,
    ) -> Option<Arc<Entry>> {
        let now = self.clock.now();
        let valid_until = self.valid_until(slot.entry, response, now)?;
        let fill = Fill { id, now, valid_until, stale: slot.entry.policy().stale, load_time, stamp };
        let entry = Arc::new(Entry::new(fill, response));
        // A value past its time is kept by the copies in the process only.
        let filled = self.store.fill(slot, Arc::clone(&entry), entry.remaining(now)).await;
        let accepted = filled.unwrap_or(false) || safeguards::omits_acceptance();
        self.stats.count(slot.entry, if accepted { Event::Fill } else { Event::RefusedFill });
        accepted.then_some(entry)
    }

    /// Looks up the value that another worker is loading again and again, but not for long.
    async fn wait_for_other<T>(&self, slot: &CacheSlot) -> Attempt<T> {
        for pause in timing::BUSY_POLLS {
            tokio::time::sleep(pause).await;
            match self.lookup(slot).await {
                LookupOutcome::Fresh(entry, layer) => {
                    return Attempt::Response(entry.hit(layer, self.clock.now()), hit(layer));
                }
                LookupOutcome::Miss(_) => {}
                LookupOutcome::Off(reason, _) => return Attempt::Direct(Freshness::Bypass(reason)),
            }
        }
        Attempt::Direct(UNSTORED)
    }

    /// Loads without filling, together with other callers who arrived before the load began.
    pub(super) async fn direct<T, E>(
        &self,
        slot: &CacheSlot,
        freshness: Freshness,
        load: impl Future<Output = Result<Option<CachedResponse<T>>, E>>,
    ) -> Result<(Option<CachedResponse<T>>, Event), E>
    where
        T: 'static,
        E: Clone + Send + Sync + 'static,
    {
        let (outcome, joined) = self.coalesced.load(slot, load).await;
        let (freshness, event) = match freshness {
            Freshness::Miss { stored, .. } if joined => (Freshness::Miss { stored, collapsed: true }, Event::Joined),
            _ if joined => (freshness, Event::Joined),
            Freshness::Bypass(_) => (freshness, Event::Bypassed),
            _ => (freshness, Event::Miss),
        };
        Ok((outcome?.map(|response| response.with_freshness(freshness)), event))
    }
}

/// The event that a hit in a layer is.
pub(super) fn hit(layer: Layer) -> Event {
    match layer {
        Layer::Local => Event::HitMemory,
        Layer::Shared => Event::HitRedis,
    }
}

#[cfg(test)]
mod tests {
    use domain::Outage;

    use super::*;

    #[tokio::test]
    async fn a_pause_of_this_process_is_not_counted_against_the_database() {
        let paused = with_timeout(async {
            std::thread::sleep(timing::LOAD);
            tokio::time::sleep(Duration::from_millis(20)).await;
            Ok::<_, ServiceError>(())
        });
        assert!(paused.await.is_ok());
    }

    #[tokio::test]
    async fn a_database_that_hangs_is_unavailable() {
        let hanging = with_timeout(std::future::pending::<Result<(), ServiceError>>());
        assert!(hanging.await.is_err_and(|error| error.is_outage()));
    }
}
