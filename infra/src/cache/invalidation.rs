//! What a write owes the cache: a barrier before it for strict keys, and after its commit the end of the barrier, the drop of
//! every key it touched, and its own entry in what this worker knows of changes.

use std::collections::HashSet;
use std::sync::Arc;

use domain::Layer;
use domain::ids::SessionId;
use domain::operator::Event;
use futures_util::future::join_all;

use super::changes::Position;
use super::key::{Slot, matching};
use super::policy::{Class, timing};
use super::store::{Away, News, TxId};
use super::{Cache, Key};

/// How often a drop is tried.
const TRIES: usize = 2;

/// The keys that a write touches. A write can neither begin nor be committed without saying them.
#[derive(Debug, Default, Clone)]
pub(crate) struct Keys {
    cached: Vec<Key>,
    /// Other rows of the log, which every server must have read before the write is acknowledged.
    announced: Vec<String>,
}

/// What the log's row of a clearing begins with; a pattern of logical keys follows.
const CLEARED: &str = "clear:";

/// The name of a session in the change log.
pub(crate) fn session_key(session: SessionId) -> String {
    format!("session:{session}")
}

impl Keys {
    /// Nothing that any cache holds.
    pub(crate) fn none() -> Self {
        Self::default()
    }

    /// These keys.
    pub(crate) fn of(keys: impl IntoIterator<Item = Key>) -> Self {
        Self { cached: keys.into_iter().collect(), announced: Vec::new() }
    }

    /// No cached value, but the tokens of a session that ends.
    pub(crate) fn of_session(session: SessionId) -> Self {
        Self { cached: Vec::new(), announced: vec![session_key(session)] }
    }

    /// A key whose row was changed by hand: every server has heard of it when it is acknowledged.
    pub(crate) fn bumped(key: Key) -> Self {
        Self { announced: vec![key.logical()], cached: vec![key] }
    }

    /// The copies of all keys that match a pattern.
    pub(crate) fn of_pattern(pattern: &str) -> Self {
        Self { cached: Vec::new(), announced: vec![format!("{CLEARED}{pattern}")] }
    }

    /// These keys and another one.
    pub(crate) fn and(mut self, key: Key) -> Self {
        self.cached.push(key);
        self
    }

    /// The outcome of a write that touched these keys.
    pub(crate) fn touched_by<T>(self, value: T) -> Written<T> {
        Written { value, keys: self }
    }

    /// The logical keys, each once.
    pub(crate) fn logical(&self) -> Vec<String> {
        let once: HashSet<String> = self.cached.iter().map(Key::logical).chain(self.announced.iter().cloned()).collect();
        once.into_iter().collect()
    }

    fn strict(&self) -> impl Iterator<Item = &Key> {
        self.cached.iter().filter(|key| key.of().policy().class == Class::Strict)
    }
}

/// The outcome of a write, and what it owes the cache.
#[derive(Debug)]
pub(crate) struct Written<T> {
    pub(crate) value: T,
    pub(crate) keys: Keys,
}

/// The barriers of one write. Dropped without an end they expire by themselves.
pub(crate) struct Barriers {
    tx: TxId,
    slots: HashSet<Slot>,
}

impl Barriers {
    /// Whether every strict key of a write stands behind them.
    pub(crate) fn cover(&self, cache: &Cache, keys: &Keys) -> bool {
        keys.strict().all(|key| self.slots.contains(&cache.slot(key, None)))
    }
}

impl Cache {
    /// BEGIN for the strict keys of a write. A barrier that the store does not confirm is missed only by who reads at the very
    /// moment of the write, before it is acknowledged.
    pub(crate) async fn begin(&self, keys: &Keys) -> Barriers {
        let tx = rand::random();
        let slots: HashSet<Slot> = keys.strict().map(|key| self.slot(key, None)).collect();
        join_all(slots.iter().map(|slot| self.store.begin(slot, tx))).await;
        Barriers { tx, slots }
    }

    /// END for a write that did not happen.
    pub(crate) async fn abandon(self: &Arc<Self>, barriers: Barriers) {
        self.end(barriers, &Keys::none(), None).await;
    }

    /// END and DROP for a write that was committed at `position`; when it returns the write may be acknowledged.
    pub(crate) async fn settle(self: &Arc<Self>, barriers: Barriers, keys: &Keys, position: Position) {
        let confirmed = self.end(barriers, keys, Some(position)).await;
        for key in keys.logical() {
            self.changes.note(&key, position);
            self.forget(&key).await;
        }
        // Others may be served the old value by a store that we do not reach, or remember a token; within D their tails know
        // better.
        if !keys.announced.is_empty() || (!confirmed && keys.strict().next().is_some()) {
            tokio::time::sleep(self.current_for).await;
        }
    }

    /// Forgets what a change in the log makes worthless here: the copies of a key, or of many.
    pub(super) async fn forget(&self, logged: &str) {
        match logged.strip_prefix(CLEARED) {
            None => self.forget_copy(logged),
            Some(pattern) => {
                self.changes.turn_all();
                self.forget_copies(matching(pattern));
                if self.layer() == Layer::Memory {
                    // Memory is always there.
                    let _ = self.store.clear(pattern).await;
                }
            }
        }
    }

    async fn end(self: &Arc<Self>, Barriers { tx, slots }: Barriers, keys: &Keys, news: News) -> bool {
        let touched: HashSet<Slot> = keys.cached.iter().map(|key| self.slot(key, None)).collect();
        for key in &keys.cached {
            self.stats.count(key.of(), Event::Drop);
        }
        let ends = slots.union(&touched).map(|slot| End { slot: slot.clone(), tx: slots.contains(slot).then_some(tx), news });
        let open: Vec<End> = join_all(ends.map(|end| self.end_now(end))).await.into_iter().flatten().collect();
        let confirmed = open.is_empty();
        for end in open {
            tokio::spawn(Arc::clone(self).end_later(end));
        }
        confirmed
    }

    /// Tries to end one; answers it if it is not confirmed.
    async fn end_now(&self, end: End) -> Option<End> {
        for _ in 0..TRIES {
            match self.store.end(&end.slot, end.tx, end.news).await {
                Ok(()) => return None,
                Err(Away(reason)) => tracing::debug!(key = end.slot.key, reason, "a drop was not confirmed"),
            }
        }
        Some(end)
    }

    /// Ends it once the store is back: until then, or until it expires by itself, its barrier keeps the key from being cached.
    async fn end_later(self: Arc<Self>, end: End) {
        let barrier = tokio::time::Instant::now() + timing::BARRIER;
        while tokio::time::Instant::now() < barrier && self.store.end(&end.slot, end.tx, end.news).await.is_err() {
            tokio::time::sleep(timing::RETRY).await;
        }
    }
}

/// An END, or a DROP, of one key.
struct End {
    slot: Slot,
    tx: Option<TxId>,
    news: News,
}
