//! The read through the cache: a lookup, on a miss a shared load, and the fallbacks if one of them fails.

use std::pin::pin;
use std::sync::Arc;

use domain::ops::Event;
use domain::{CachedResponse, Freshness, Layer, Outage, ServiceError};
use tokio::task::JoinHandle;

use super::entry::{Entry, FillId};
use super::in_flight::{InFlight, Role};
use super::loading::{Attempt, UNSTORED, hit};
use super::lookup::{LookupOutcome, is_near};
use super::policy::timing;
use super::registry::{Key, Location};
use super::repeat::RepeatedHit;
use super::slot::CacheSlot;
use super::{Cache, safeguards};
use crate::db::Invalidation;

/// The number of lookups of a caller whose shared load failed, before it loads by itself.
const ROUNDS: usize = 3;

impl Cache {
    /// Reads a value that always exists through the cache; see [`Cache::read`].
    pub(crate) async fn read_present<K, S, E, F, L>(
        self: &Arc<Self>,
        location: Location<K>,
        source: &Arc<S>,
        load: F,
    ) -> Result<CachedResponse<K::Value>, E>
    where
        K: Key,
        S: Send + Sync + 'static,
        E: From<ServiceError> + Outage + Clone + Send + Sync + 'static,
        F: Fn(Arc<S>) -> L + Clone + Send + Sync + 'static,
        L: Future<Output = Result<CachedResponse<K::Value>, E>> + Send,
    {
        let load = move |source| {
            let loading = load(source);
            async move { loading.await.map(Some) }
        };
        let response = self.read(location, source, load).await?;
        response.ok_or_else(|| ServiceError::bug("a load returned no value for a key that must have one").into())
    }

    /// Reads through the cache. `load` reads the source and returns `None` for an absent result. It may run more than once. A load
    /// that fills the cache completes even if the caller is dropped.
    pub(crate) async fn read<K, S, E, F, L>(
        self: &Arc<Self>,
        location: Location<K>,
        source: &Arc<S>,
        load: F,
    ) -> Result<Option<CachedResponse<K::Value>>, E>
    where
        K: Key,
        S: Send + Sync + 'static,
        E: From<ServiceError> + Outage + Clone + Send + Sync + 'static,
        F: Fn(Arc<S>) -> L + Clone + Send + Sync + 'static,
        L: Future<Output = Result<Option<CachedResponse<K::Value>>, E>> + Send,
    {
        let slot = CacheSlot::new(&self.prefix, location);
        let load = {
            let (cache, source) = (Arc::clone(self), Arc::clone(source));
            move || Arc::clone(&cache).timed(K::ENTRY, load(Arc::clone(&source)))
        };
        let first = self.lookup(&slot).await;
        if let LookupOutcome::Fresh(entry, layer) = &first {
            let now = self.clock.now();
            if entry.wants_refresh(now) {
                self.refresh_ahead(&slot, entry, load.clone());
            }
            self.stats.count(K::ENTRY, hit(*layer));
            let response = entry.hit(*layer, now);
            return Ok(match layer {
                Layer::Local if is_near(K::ENTRY) => {
                    let again = RepeatedHit { cache: Arc::clone(self), entry: Arc::clone(entry), slot, load };
                    response.map(|response| response.repeatable(Arc::new(again)))
                }
                _ => response,
            });
        }
        // The rest is rare and has a large state: boxed, it does not slow down hits.
        Box::pin(self.read_after(&slot, first, load)).await
    }

    /// Continues a read after its first lookup was no hit.
    async fn read_after<T, E, F, L>(
        self: &Arc<Self>,
        slot: &CacheSlot,
        first: LookupOutcome,
        load: F,
    ) -> Result<Option<CachedResponse<T>>, E>
    where
        T: 'static,
        E: From<ServiceError> + Outage + Clone + Send + Sync + 'static,
        F: Fn() -> L + Clone + Send + 'static,
        L: Future<Output = Result<Option<CachedResponse<T>>, E>> + Send,
    {
        let mut stale = None;
        let read = self.while_database_answers(self.read_or_fail(slot, first, load, &mut stale)).await;
        let (outcome, event) = match (read, stale) {
            (Ok((response, event)), _) => (Ok(response), event),
            (Err(error), Some((entry, layer))) if error.is_outage() => (Ok(entry.stale(layer, self.clock.now())), Event::Stale),
            (Err(error), _) => (Err(error), Event::Failed),
        };
        self.stats.count(slot.entry, event);
        outcome
    }

    /// Fails a slow read if the change log cannot be read either. Without this check a busy database would look unavailable.
    async fn while_database_answers<T, E: From<ServiceError>>(
        &self,
        reading: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let mut reading = pin!(reading);
        loop {
            match tokio::time::timeout(timing::READ, &mut reading).await {
                Ok(outcome) => return outcome,
                Err(_) if self.has_read_log_within(timing::READ) => {}
                Err(late) => return Err(ServiceError::unavailable(late).into()),
            }
        }
    }

    async fn read_or_fail<T, E, F, L>(
        self: &Arc<Self>,
        slot: &CacheSlot,
        mut found: LookupOutcome,
        load: F,
        stale: &mut Option<(Arc<Entry>, Layer)>,
    ) -> Result<(Option<CachedResponse<T>>, Event), E>
    where
        T: 'static,
        E: From<ServiceError> + Clone + Send + Sync + 'static,
        F: Fn() -> L + Clone + Send + 'static,
        L: Future<Output = Result<Option<CachedResponse<T>>, E>> + Send,
    {
        for _ in 0..ROUNDS {
            let fallback = match found {
                LookupOutcome::Fresh(entry, layer) => {
                    return Ok((entry.hit(layer, self.clock.now()), hit(layer)));
                }
                LookupOutcome::Miss(fallback) => fallback,
                LookupOutcome::Off(reason, fallback) => {
                    *stale = fallback.stale;
                    return self.direct(slot, Freshness::Bypass(reason), load()).await;
                }
            };
            *stale = fallback.stale;
            match self.in_flight.join(slot) {
                Role::Follower(follower) => {
                    // Each follower validates the value itself: a change may have become known between the leader's arrival and its own.
                    let acceptable = |entry: &Arc<Entry>| safeguards::omits_acceptance() || self.may_serve(slot, entry);
                    if let Some(entry) = follower.wait().await.filter(acceptable) {
                        let response = entry.response(Freshness::Miss { stored: true, collapsed: true });
                        return Ok((response, Event::Joined));
                    }
                    found = self.lookup(slot).await;
                }
                Role::Leader(in_flight) => {
                    let attempt = self.spawn(in_flight, slot, fallback.rejected, load.clone()).await;
                    match attempt.map_err(ServiceError::bug)?? {
                        Attempt::Response(response, event) => return Ok((response, event)),
                        Attempt::Direct(freshness) => return self.direct(slot, freshness, load()).await,
                    }
                }
            }
        }
        self.direct(slot, UNSTORED, load()).await
    }

    /// Runs the leader in its own task. If its caller disconnects, the followers still get a value and the lease is used.
    fn spawn<T, E, F, L>(
        self: &Arc<Self>,
        in_flight: InFlight,
        slot: &CacheSlot,
        rejected: Option<FillId>,
        load: F,
    ) -> JoinHandle<Result<Attempt<T>, E>>
    where
        T: 'static,
        E: From<ServiceError> + Send + 'static,
        F: Fn() -> L + Send + 'static,
        L: Future<Output = Result<Option<CachedResponse<T>>, E>> + Send,
    {
        let (cache, slot) = (Arc::clone(self), slot.clone());
        self.background.spawn(async move { cache.lead(in_flight, &slot, rejected, load).await })
    }

    /// Reloads a value before it expires, unless a load is in flight. Readers still get the current value.
    pub(super) fn refresh_ahead<T, E, F, L>(self: &Arc<Self>, slot: &CacheSlot, entry: &Entry, load: F)
    where
        T: 'static,
        E: From<ServiceError> + Send + 'static,
        F: Fn() -> L + Send + 'static,
        L: Future<Output = Result<Option<CachedResponse<T>>, E>> + Send,
    {
        if let Role::Leader(in_flight) = self.in_flight.join(slot) {
            drop(self.spawn(in_flight, slot, Some(entry.fill_id), load));
        }
    }
}
