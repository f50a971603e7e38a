//! Single-flight, the queues and the in-process copies in every order of events: shuttle decides at each lock, each counter and
//! each await who goes on. Each story holds as the code is, and breaks with the fault that is planted beside it.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

use shuttle::future::{block_on, spawn};
use shuttle::thread;

use super::changes::{Changes, Poll};
use super::entry::Entry;
use super::flights::{Flight, Flights, Queues, Seat};
use super::key::Slot;
use super::near::Near;
use super::sync::{AtomicU64, Mutex, explore, is_caught};

const KEY: &str = "k";

fn slot() -> Slot {
    Slot { key: format!("test:{{{KEY}}}"), field: None }
}

/// An entry that says which version of the row it shows.
fn entry(version: u64) -> Arc<Entry> {
    let etag = domain::revision::ETag::opaque(version.to_string());
    let (fill_id, stamp) = ([0; 16], 0);
    Arc::new(Entry { fill_id, stored_at: 0, valid_until: 10, kept_until: 10, load_ms: 0, stamp, etag, json: None })
}

fn version(entry: &Entry) -> u64 {
    entry.etag.as_str().parse().unwrap()
}

type Keep = fn(&Near, &Changes, Arc<Entry>, u64);

/// A reader keeps a copy of what it has read while a change comes in; no copy of the old value may stay.
fn a_copy_and_a_change(keep: Keep) {
    let changes = Changes::starting(Poll { horizon: 1, pruned_below: 0, changes: Vec::new() }, Instant::now(), Duration::MAX);
    let shared = Arc::new((Near::new(1 << 20), changes, AtomicU64::default()));
    let reader = {
        let shared = Arc::clone(&shared);
        thread::spawn(move || {
            let (near, changes, redis) = &*shared;
            let epoch = changes.epoch(KEY);
            keep(near, changes, entry(redis.load(SeqCst)), epoch);
        })
    };
    let (near, changes, redis) = &*shared;
    redis.fetch_add(1, SeqCst);
    changes.note(KEY, 5);
    near.drop_key(&slot().key);
    reader.join().unwrap();
    assert!(near.find(&slot()).is_none_or(|copy| version(&copy) == 1), "an old copy has slipped in behind the drop");
}

fn keep(near: &Near, changes: &Changes, entry: Arc<Entry>, epoch: u64) {
    near.keep(changes, &slot(), entry, epoch, 0);
}

fn keep_without_the_epoch(near: &Near, _: &Changes, entry: Arc<Entry>, _: u64) {
    let _door = near.door.lock();
    near.shelf.put(&slot(), entry, 0);
}

fn keep_without_the_door(near: &Near, changes: &Changes, entry: Arc<Entry>, epoch: u64) {
    if changes.epoch(KEY) == epoch {
        thread::yield_now();
        near.shelf.put(&slot(), entry, 0);
    }
}

#[test]
fn no_old_copy_stays_in_any_schedule() {
    explore(|| a_copy_and_a_change(keep));
    assert!(is_caught(|| a_copy_and_a_change(keep_without_the_epoch)));
    assert!(is_caught(|| a_copy_and_a_change(keep_without_the_door)));
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

/// A pilot loads and fills while a write comes and a passenger boards; who boards after the acknowledgement sees the write.
fn a_flight_and_a_write(close: fn(&mut Flight)) {
    let (world, flights) = (Arc::new(World::default()), Arc::new(Flights::default()));
    let Seat::Pilot(mut flight) = flights.board(&slot()) else { panic!("no flight was open") };
    let pilot = {
        let world = Arc::clone(&world);
        thread::spawn(move || {
            let row = world.row.load(SeqCst);
            close(&mut flight);
            let refused = *world.lease_broken.lock();
            if !refused {
                thread::yield_now();
                flight.land(entry(row));
            }
        })
    };
    let writer = {
        let world = Arc::clone(&world);
        thread::spawn(move || world.write())
    };
    let acknowledged = world.acknowledged.load(SeqCst);
    if let Seat::Passenger(passenger) = flights.board(&slot()) {
        let landed = block_on(passenger.arrive());
        assert!(landed.is_none_or(|entry| version(&entry) >= acknowledged), "a value from before the write was shared");
    }
    pilot.join().unwrap();
    writer.join().unwrap();
}

#[test]
fn no_passenger_gets_a_value_from_before_it_boarded_in_any_schedule() {
    explore(|| a_flight_and_a_write(Flight::close));
    assert!(is_caught(|| a_flight_and_a_write(|_| ())));
}

/// Three callers queue while a write comes; who comes after the acknowledgement sees the write.
fn a_queue_and_a_write(queue_for: impl Fn() -> Slot + Copy + Send + Sync + 'static, naive: bool) {
    let (world, queues) = (Arc::new(World::default()), Arc::new(Queues::default()));
    let shared = Arc::new(tokio::sync::Mutex::new(None));
    let call = || {
        let (world, queues, shared) = (Arc::clone(&world), Arc::clone(&queues), Arc::clone(&shared));
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
                queues.load(&queue_for(), load).await.0
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
fn no_caller_gets_a_load_from_before_it_came_in_any_schedule() {
    explore(|| a_queue_and_a_write(slot, false));
    assert!(is_caught(|| a_queue_and_a_write(slot, true)));
}
