//! Tests of single flight, coalesced loads and in-process copies under many interleavings. The scheduler shuttle decides at each
//! lock, counter and await which thread runs next. Each scenario passes with the real code and fails with a planted defect.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

use shuttle::future::{block_on, spawn};
use shuttle::thread;

use super::changes::Changes;
use super::coalesced::CoalescedLoads;
use super::entry::Entry;
use super::in_flight::{InFlight, InFlightLoads, Role};
use super::near_copies::NearCopies;
use super::slot::CacheSlot;
use super::sync::{AtomicU64, Mutex, explore, is_caught};
use super::test_values::{entry_of, slot};
use crate::db::Poll;
use crate::db::test_database::Alone;

const KEY: &str = "k";

fn version(entry: &Entry) -> u64 {
    entry.etag.as_str().parse().unwrap()
}

type Insert = fn(&NearCopies, &Changes, Arc<Entry>, u64);

/// A reader inserts a copy of a value while a change becomes known. No copy of the old value may remain.
fn a_copy_and_a_change(insert: Insert) {
    let first = Poll { horizon: 1, pruned_below: 0, changes: Vec::new() };
    let changes = Changes::starting(first, Instant::now(), Duration::MAX, Arc::new(Alone));
    let shared = Arc::new((NearCopies::new(1 << 20), changes, AtomicU64::default()));
    let reader = {
        let shared = Arc::clone(&shared);
        thread::spawn(move || {
            let (near, changes, redis) = &*shared;
            let epoch = changes.epoch(KEY);
            insert(near, changes, entry_of(redis.load(SeqCst)), epoch);
        })
    };
    let (near, changes, redis) = &*shared;
    redis.fetch_add(1, SeqCst);
    changes.record(KEY, 5);
    near.drop_key(&slot().key);
    reader.join().unwrap();
    assert!(near.find(&slot()).is_none_or(|copy| version(&copy) == 1), "an old copy was inserted after the drop");
}

fn insert(near: &NearCopies, changes: &Changes, entry: Arc<Entry>, epoch: u64) {
    near.insert(changes, &slot(), entry, epoch, 0);
}

fn insert_without_the_epoch(near: &NearCopies, _: &Changes, entry: Arc<Entry>, _: u64) {
    let _writers = near.writers.lock();
    near.store.insert(&slot(), entry, 0);
}

fn insert_without_the_lock(near: &NearCopies, changes: &Changes, entry: Arc<Entry>, epoch: u64) {
    if changes.epoch(KEY) == epoch {
        thread::yield_now();
        near.store.insert(&slot(), entry, 0);
    }
}

#[test]
fn no_old_copy_stays_in_any_schedule() {
    explore(|| a_copy_and_a_change(insert));
    assert!(is_caught(|| a_copy_and_a_change(insert_without_the_epoch)));
    assert!(is_caught(|| a_copy_and_a_change(insert_without_the_lock)));
}

/// A row, the store's slot with its lease, and whether a write was acknowledged.
#[derive(Default)]
struct World {
    row: AtomicU64,
    lease_broken: Mutex<bool>,
    acknowledged: AtomicU64,
}

impl World {
    fn write(&self) {
        self.row.fetch_add(1, SeqCst);
        *self.lease_broken.lock() = true;
        self.acknowledged.fetch_add(1, SeqCst);
    }
}

/// A leader loads and fills while a write runs and a follower joins. A follower that joins after the acknowledgement sees the write.
fn a_shared_load_and_a_write(close: fn(&mut InFlight)) {
    let (world, in_flight) = (Arc::new(World::default()), Arc::new(InFlightLoads::default()));
    let Role::Leader(mut load) = in_flight.join(&slot()) else { panic!("no load was open") };
    let leader = {
        let world = Arc::clone(&world);
        thread::spawn(move || {
            let row = world.row.load(SeqCst);
            close(&mut load);
            let refused = *world.lease_broken.lock();
            if !refused {
                thread::yield_now();
                load.complete(entry_of(row));
            }
        })
    };
    let writer = {
        let world = Arc::clone(&world);
        thread::spawn(move || world.write())
    };
    let acknowledged = world.acknowledged.load(SeqCst);
    if let Role::Follower(follower) = in_flight.join(&slot()) {
        let shared = block_on(follower.wait());
        assert!(shared.is_none_or(|entry| version(&entry) >= acknowledged), "a value from before the write was shared");
    }
    leader.join().unwrap();
    writer.join().unwrap();
}

#[test]
fn no_follower_gets_a_value_from_before_it_joined_in_any_schedule() {
    explore(|| a_shared_load_and_a_write(InFlight::close));
    assert!(is_caught(|| a_shared_load_and_a_write(|_| ())));
}

/// Three callers wait while a write runs. A caller that arrives after the acknowledgement sees the write.
fn coalesced_loads_and_a_write(slot_of: impl Fn() -> CacheSlot + Copy + Send + Sync + 'static, naive: bool) {
    let (world, coalesced) = (Arc::new(World::default()), Arc::new(CoalescedLoads::default()));
    let shared = Arc::new(tokio::sync::Mutex::new(None));
    let call = || {
        let (world, coalesced, shared) = (Arc::clone(&world), Arc::clone(&coalesced), Arc::clone(&shared));
        spawn(async move {
            let acknowledged = world.acknowledged.load(SeqCst);
            let load = async {
                let row = world.row.load(SeqCst);
                shuttle::future::yield_now().await;
                row
            };
            let row = if naive {
                let mut latest = shared.lock().await;
                if latest.is_none() {
                    *latest = Some(load.await);
                }
                latest.unwrap()
            } else {
                coalesced.load(&slot_of(), load).await.0
            };
            assert!(row >= acknowledged, "a load from before the write was shared");
        })
    };
    let callers = [call(), call(), call()];
    world.write();
    block_on(async {
        for caller in callers {
            caller.await.unwrap();
        }
    });
}

#[test]
fn no_caller_gets_a_load_from_before_it_arrived_in_any_schedule() {
    explore(|| coalesced_loads_and_a_write(slot, false));
    assert!(is_caught(|| coalesced_loads_and_a_write(slot, true)));
}
