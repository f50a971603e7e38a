//! Lookups: the copies in this process, then the store, and the validation of the value that was found.

use std::sync::Arc;

use domain::ops::Event;
use domain::{Bypass, Layer};

use super::Cache;
use super::changes::Verdict;
use super::entry::{Entry, FillId};
use super::policy::{Class, EntryType};
use super::slot::CacheSlot;
use super::store::{Lookup, StoreUnavailable};
use crate::db::Position;

/// The outcome of a lookup.
pub(super) enum LookupOutcome {
    /// A value that may be served, and the layer that held it.
    Fresh(Arc<Entry>, Layer),
    /// No value that may be served.
    Miss(Fallback),
    /// The caches cannot be used now.
    Off(Bypass, Fallback),
}

/// A value that was found and may not be served as fresh.
#[derive(Default)]
pub(super) struct Fallback {
    /// The fill id of a rejected value. ACQUIRE treats a value with this id as missing.
    pub(super) rejected: Option<FillId>,
    /// A value for an outage of the database: it has expired or cannot be validated, and no known change invalidates it.
    pub(super) stale: Option<(Arc<Entry>, Layer)>,
}

impl Cache {
    /// Looks up the in-process copies, for a near entry, and then the store.
    pub(super) async fn lookup(&self, slot: &CacheSlot) -> LookupOutcome {
        let near = self.near.as_ref().filter(|_| is_near(slot.entry));
        let copy = near.and_then(|near| near.find(slot));
        if let Some(copy) = copy.as_ref().filter(|copy| self.may_serve(slot, copy)) {
            return LookupOutcome::Fresh(Arc::clone(copy), Layer::Local);
        }
        let epoch = self.changes.epoch(slot.logical());
        let found = match self.store.get(slot).await {
            Ok(found) => found,
            Err(StoreUnavailable(_)) => {
                return LookupOutcome::Off(Bypass::StoreUnavailable, self.fallback(slot, copy, Layer::Local));
            }
        };
        match found {
            Lookup::Nothing => LookupOutcome::Miss(self.fallback(slot, copy, Layer::Local)),
            Lookup::Unreadable(rejected) => LookupOutcome::Miss(Fallback { rejected, ..self.fallback(slot, copy, Layer::Local) }),
            Lookup::Value(entry) => match self.judge(slot, &entry) {
                Verdict::Serve => {
                    self.insert_copy(slot, &entry, epoch);
                    LookupOutcome::Fresh(entry, self.layer())
                }
                Verdict::Refuse => {
                    if entry.remaining(self.clock.now()) > 0 {
                        self.stats.count(slot.entry, Event::RefusedValue);
                    }
                    LookupOutcome::Miss(self.fallback(slot, Some(entry), self.layer()))
                }
                Verdict::Blind => LookupOutcome::Off(Bypass::LogBehind, self.fallback(slot, Some(entry), self.layer())),
            },
        }
    }

    /// Inserts a copy of a near value in this process, unless its key has changed since `epoch` was read.
    fn insert_copy(&self, slot: &CacheSlot, entry: &Arc<Entry>, epoch: u64) {
        if let Some(near) = self.near.as_ref().filter(|_| is_near(slot.entry)) {
            near.insert(&self.changes, slot, Arc::clone(entry), epoch, self.clock.now().timestamp_millis());
        }
    }

    /// The fallback that follows from a value that may not be served as fresh.
    fn fallback(&self, slot: &CacheSlot, entry: Option<Arc<Entry>>, layer: Layer) -> Fallback {
        let Some(entry) = entry else { return Fallback::default() };
        let refused = self.judge_stamp(slot, entry.stamp) == Verdict::Refuse;
        let usable = slot.entry.policy().stale.is_some() && !refused && entry.kept_for(self.clock.now()) > 0;
        Fallback { rejected: Some(entry.fill_id), stale: usable.then_some((entry, layer)) }
    }

    /// Validates a cached or shared value: its time to live, then the rule in `changes`.
    pub(crate) fn judge(&self, slot: &CacheSlot, entry: &Entry) -> Verdict {
        if entry.remaining(self.clock.now()) <= 0 { Verdict::Refuse } else { self.judge_stamp(slot, entry.stamp) }
    }

    /// Applies the rule in `changes` to the key of a value, and to the key that all values of its row depend on.
    fn judge_stamp(&self, slot: &CacheSlot, stamp: Position) -> Verdict {
        match slot.entry.common_key().map(|key| self.changes.judge(key, stamp)) {
            None | Some(Verdict::Serve) => self.changes.judge(slot.logical(), stamp),
            Some(verdict) => verdict,
        }
    }

    pub(super) fn may_serve(&self, slot: &CacheSlot, entry: &Entry) -> bool {
        self.judge(slot, entry) == Verdict::Serve
    }
}

/// Whether values of an entry have copies in each process.
pub(super) fn is_near(entry: EntryType) -> bool {
    entry.policy().class == Class::Near
}
