//! Loads after a miss: ACQUIRE, load, FILL; or a wait for another worker's load; or a load without a fill.

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

/// The freshness of a miss that did not fill the cache.
pub(super) const UNSTORED: Freshness = Freshness::Miss { stored: false, collapsed: false };

/// The number of steps in which the time of a load is counted.
const STEPS: u32 = 15;

/// Runs a load with a time-out, after which the database counts as unavailable. Time is counted in steps, each begun at the end of
/// the last one. So a pause of this process counts as one step at most.
pub(crate) async fn with_timeout<T, E: From<ServiceError>>(loading: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    let time_out = async {
        for _ in 0..STEPS {
            tokio::time::sleep(timing::LOAD / STEPS).await;
        }
    };
    tokio::select! {
        biased;
        outcome = loading => outcome,
        () = time_out => Err(ServiceError::unavailable(format!("a load exceeded {} ms", timing::LOAD.as_millis())).into()),
    }
}

impl Cache {
    /// Runs a load with a time-out, and counts it.
    pub(super) async fn timed<T, E: From<ServiceError>>(
        self: Arc<Self>,
        entry: EntryType,
        loading: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let started = Instant::now();
        let outcome = with_timeout(loading).await;
        self.stats.count_load(entry, started.elapsed());
        outcome
    }

    /// Attempts to load and fill as the leader.
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
        // Before the load: a later stamp would cover changes that the load did not see.
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

    /// Fills the store. Returns the entry; `None` if the fill was refused or its outcome is unknown.
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
        // Redis drops the value at the end of its validity. Only copies in the process are kept for an outage.
        let filled = self.store.fill(slot, Arc::clone(&entry), entry.remaining(now)).await;
        let accepted = filled.unwrap_or(false) || safeguards::omits_acceptance();
        self.stats.count(slot.entry, if accepted { Event::Fill } else { Event::RefusedFill });
        accepted.then_some(entry)
    }

    /// Polls for the value that another worker is loading, a bounded number of times.
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

    /// Loads without filling. Callers that arrived before the load began share it.
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

/// The event of a hit in a layer.
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
    async fn a_pause_of_this_process_does_not_time_a_load_out() {
        let paused = with_timeout(async {
            std::thread::sleep(timing::LOAD);
            tokio::time::sleep(Duration::from_millis(20)).await;
            Ok::<_, ServiceError>(())
        });
        assert!(paused.await.is_ok());
    }

    #[tokio::test]
    async fn a_load_that_hangs_is_an_outage() {
        let hanging = with_timeout(std::future::pending::<Result<(), ServiceError>>());
        assert!(hanging.await.is_err_and(|error| error.is_outage()));
    }
}
