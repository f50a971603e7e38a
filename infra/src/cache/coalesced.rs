//! Loads that do not fill the cache. A caller shares the outcome of a load only if the load began after the caller arrived.

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::slot::CacheSlot;
use super::sync::{AtomicU64, Mutex};

/// The outcome of a load, of any type.
type Outcome = Arc<dyn Any + Send + Sync>;

/// The latest load of a slot: its start in the order of events, and its outcome.
type Latest = Arc<tokio::sync::Mutex<Option<(u64, Outcome)>>>;

/// The queues of callers that load without filling, by slot.
#[derive(Default)]
pub(crate) struct CoalescedLoads {
    events: AtomicU64,
    slots: Mutex<HashMap<CacheSlot, Latest>>,
}

impl CoalescedLoads {
    /// Loads, or shares the outcome of a load that began after this call. Returns the outcome and whether it was shared.
    ///
    /// Callers of one slot wait in order. Callers that arrive during a load share the load after it.
    pub(crate) async fn load<T>(&self, slot: &CacheSlot, load: impl Future<Output = T>) -> (T, bool)
    where
        T: Clone + Send + Sync + 'static,
    {
        let arrived = self.events.fetch_add(1, Ordering::SeqCst);
        let caller = self.join(slot);
        let mut latest = caller.latest.lock().await;
        let shared =
            latest.as_ref().filter(|(began, _)| *began > arrived).and_then(|(_, outcome)| outcome.downcast_ref::<T>().cloned());
        if let Some(outcome) = shared {
            return (outcome, true);
        }
        let began = self.events.fetch_add(1, Ordering::SeqCst);
        let outcome = load.await;
        *latest = Some((began, Arc::new(outcome.clone())));
        (outcome, false)
    }

    fn join<'a>(&'a self, slot: &'a CacheSlot) -> QueuedCaller<'a> {
        let latest = Arc::clone(self.slots.lock().entry(slot.clone()).or_default());
        QueuedCaller { loads: self, slot, latest }
    }
}

/// A caller in the queue of a slot. The last one to be dropped removes the queue.
struct QueuedCaller<'a> {
    loads: &'a CoalescedLoads,
    slot: &'a CacheSlot,
    latest: Latest,
}

impl Drop for QueuedCaller<'_> {
    fn drop(&mut self) {
        let mut slots = self.loads.slots.lock();
        // The map and this caller own it: there is no other caller.
        if Arc::strong_count(&self.latest) == 2 {
            slots.remove(self.slot);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;
    use crate::cache::test_values::slot;

    #[tokio::test]
    async fn a_canceled_caller_removes_its_queue() {
        let loads = CoalescedLoads::default();
        let slot = slot();
        let never = tokio::time::timeout(std::time::Duration::ZERO, loads.load(&slot, std::future::pending::<()>()));
        assert!(never.await.is_err());
        assert!(loads.slots.lock().is_empty());
    }

    #[tokio::test]
    async fn callers_share_only_a_load_that_began_after_they_arrived() {
        let coalesced = Arc::new(CoalescedLoads::default());
        let loads = Arc::new(AtomicUsize::new(0));
        let gate = Arc::new(tokio::sync::Semaphore::new(0));
        let call = || {
            let (coalesced, loads, gate) = (Arc::clone(&coalesced), Arc::clone(&loads), Arc::clone(&gate));
            tokio::spawn(async move {
                let load = async {
                    let number = loads.fetch_add(1, Ordering::SeqCst);
                    gate.acquire().await.unwrap().forget();
                    number
                };
                coalesced.load(&slot(), load).await
            })
        };
        let first = call();
        while loads.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        let late: Vec<_> = (0..50).map(|_| call()).collect();
        while coalesced.events.load(Ordering::SeqCst) < 52 {
            tokio::task::yield_now().await;
        }
        gate.add_permits(2);
        assert_eq!(first.await.unwrap(), (0, false));
        let outcomes = futures_util::future::join_all(late).await;
        assert!(outcomes.into_iter().all(|outcome| outcome.unwrap().0 == 1));
        assert!(coalesced.slots.lock().is_empty());
    }
}
