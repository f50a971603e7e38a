//! Looking into the caches: this process's copies, then the store; and the judgement on what is found.

use std::sync::Arc;

use domain::operator::Event;
use domain::{Bypass, Layer};

use super::Cache;
use super::changes::Verdict;
use super::entry::{Entry, FillId};
use super::key::Slot;
use super::policy::{Class, Type};
use super::store::{Away, Found};

/// What looking into the caches told.
pub(super) enum Look {
    /// A value that may be served, and the layer that held it.
    Fresh(Arc<Entry>, Layer),
    /// None that may be served.
    Miss(Leftover),
    /// The caches are of no use now.
    Off(Bypass, Leftover),
}

/// What is there although it may not be served.
#[derive(Default)]
pub(super) struct Leftover {
    /// What must not count as a value if it is still there.
    pub(super) rejected: Option<FillId>,
    /// What may be served all the same if the database does not answer: it is past its time, or cannot be judged, and no
    /// change is known that refuses it.
    pub(super) stale: Option<(Arc<Entry>, Layer)>,
}

impl Cache {
    /// Looks into the in-process copies, for a near type, and then into the store.
    pub(super) async fn look(&self, of: Type, slot: &Slot) -> Look {
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
}
