//! Single flight: callers in one process that miss the same slot share one load.
//!
//! The load fills the cache. Followers get its value only if the store accepted the fill, which proves that no write intervened.
//! A load admits no follower once its fill is sent.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::watch;

use super::entry::Entry;
use super::slot::CacheSlot;
use super::sync::Mutex;

type SharedEntry = Option<Arc<Entry>>;

/// The loads that admit followers.
#[derive(Default)]
pub(crate) struct InFlightLoads(Mutex<HashMap<CacheSlot, watch::Receiver<SharedEntry>>>);

/// The role of a caller in a shared load.
pub(crate) enum Role {
    /// The caller loads.
    Leader(InFlight),
    /// The caller waits for the leader.
    Follower(Follower),
}

/// A load in flight. If it is dropped before it completes, its followers look up the cache themselves.
pub(crate) struct InFlight {
    loads: Arc<InFlightLoads>,
    slot: CacheSlot,
    shared: watch::Sender<SharedEntry>,
    admits: bool,
}

/// A caller that waits for the load of a leader.
pub(crate) struct Follower(watch::Receiver<SharedEntry>);

impl InFlightLoads {
    /// Joins the slot's load, or starts one.
    pub(crate) fn join(self: &Arc<Self>, slot: &CacheSlot) -> Role {
        let mut open = self.0.lock();
        if let Some(shared) = open.get(slot) {
            return Role::Follower(Follower(shared.clone()));
        }
        let (shared, receiver) = watch::channel(None);
        open.insert(slot.clone(), receiver);
        Role::Leader(InFlight { loads: Arc::clone(self), slot: slot.clone(), shared, admits: true })
    }
}

impl InFlight {
    /// Stops admitting followers. Must precede the fill: a later caller may have started after a write.
    pub(crate) fn close(&mut self) {
        if std::mem::take(&mut self.admits) {
            self.loads.0.lock().remove(&self.slot);
        }
    }

    /// Sends the followers a value whose fill was accepted.
    pub(crate) fn complete(mut self, entry: Arc<Entry>) {
        self.close();
        self.shared.send_replace(Some(entry));
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.close();
    }
}

impl Follower {
    /// Waits for the shared value; `None` if the load did not complete.
    pub(crate) async fn wait(mut self) -> SharedEntry {
        self.0.wait_for(Option::is_some).await.ok()?.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::test_values::{entry, slot};

    #[tokio::test]
    async fn followers_share_a_completed_load_and_leave_one_that_never_completes() {
        let loads = Arc::new(InFlightLoads::default());
        let Role::Leader(load) = loads.join(&slot()) else { panic!("no load was open") };
        let Role::Follower(follower) = loads.join(&slot()) else { panic!("the load was open") };
        load.complete(entry());
        assert_eq!(follower.wait().await, Some(entry()));

        let Role::Leader(load) = loads.join(&slot()) else { panic!("the load is complete") };
        let Role::Follower(follower) = loads.join(&slot()) else { panic!("the load was open") };
        drop(load);
        assert_eq!(follower.wait().await, None);
    }

    #[tokio::test]
    async fn a_load_admits_no_follower_once_its_fill_is_sent() {
        let loads = Arc::new(InFlightLoads::default());
        let Role::Leader(mut load) = loads.join(&slot()) else { panic!("no load was open") };
        load.close();
        let Role::Leader(next) = loads.join(&slot()) else { panic!("the load was closed") };
        load.complete(entry());
        assert!(matches!(loads.join(&slot()), Role::Follower(_)), "the end of an earlier load must not close a later one");
        drop(next);
    }
}
