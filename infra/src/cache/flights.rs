//! Single-flight: many callers who miss one slot at the same moment make one load.
//!
//! Two rules make sharing safe. A *flight* fills the cache: its value is shared only if the fill was accepted (so no write came
//! between), and it admits nobody once the fill is sent. A *queue* is for loads that fill nothing: a caller takes the value of
//! another only if that load began after the caller had come.

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::watch;

use super::entry::Entry;
use super::key::Slot;
use super::sync::{AtomicU64, Mutex};

type Landing = Option<Arc<Entry>>;

/// The flights that admit callers.
#[derive(Default)]
pub(crate) struct Flights(Mutex<HashMap<Slot, watch::Receiver<Landing>>>);

/// What a caller is to a flight.
pub(crate) enum Seat {
    /// The one that loads.
    Pilot(Flight),
    /// One that waits.
    Passenger(Passenger),
}

/// A flight under way. Dropped before it lands, it sends its passengers back to look for themselves.
pub(crate) struct Flight {
    flights: Arc<Flights>,
    slot: Slot,
    landing: watch::Sender<Landing>,
    admits: bool,
}

/// A place on somebody else's flight.
pub(crate) struct Passenger(watch::Receiver<Landing>);

impl Flights {
    /// Boards the slot's flight, or starts one.
    pub(crate) fn board(self: &Arc<Self>, slot: &Slot) -> Seat {
        let mut open = self.0.lock();
        if let Some(landing) = open.get(slot) {
            return Seat::Passenger(Passenger(landing.clone()));
        }
        let (landing, passenger) = watch::channel(None);
        open.insert(slot.clone(), passenger);
        Seat::Pilot(Flight { flights: Arc::clone(self), slot: slot.clone(), landing, admits: true })
    }
}

impl Flight {
    /// Admits nobody from now on. Called before the fill is sent: who comes later might come after a write.
    pub(crate) fn close(&mut self) {
        if std::mem::take(&mut self.admits) {
            self.flights.0.lock().remove(&self.slot);
        }
    }

    /// Hands the passengers a value whose fill was accepted.
    pub(crate) fn land(mut self, entry: Arc<Entry>) {
        self.close();
        self.landing.send_replace(Some(entry));
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.close();
    }
}

impl Passenger {
    /// The shared value, or `None` when there is none to share.
    pub(crate) async fn arrive(mut self) -> Landing {
        self.0.wait_for(Option::is_some).await.ok()?.clone()
    }
}

/// A load's outcome, whatever its type.
type Outcome = Arc<dyn Any + Send + Sync>;

/// The latest load of a slot: the number of its beginning, and what came of it.
type Latest = Arc<tokio::sync::Mutex<Option<(u64, Outcome)>>>;

/// Queues of callers who load without filling.
#[derive(Default)]
pub(crate) struct Queues {
    events: AtomicU64,
    slots: Mutex<HashMap<Slot, Latest>>,
}

impl Queues {
    /// Loads, or takes the outcome of a load that began after this call.
    ///
    /// The queue is first come, first served: when a load ends, everybody who came before the next one began shares that next one.
    pub(crate) async fn load<T>(&self, slot: &Slot, load: impl Future<Output = T>) -> (T, bool)
    where
        T: Clone + Send + Sync + 'static,
    {
        let arrived = self.events.fetch_add(1, Ordering::SeqCst);
        let place = self.enter(slot);
        let mut turn = place.latest.lock().await;
        let shared =
            turn.as_ref().filter(|(began, _)| *began > arrived).and_then(|(_, outcome)| outcome.downcast_ref::<T>().cloned());
        let collapsed = shared.is_some();
        let outcome = if let Some(outcome) = shared {
            outcome
        } else {
            let began = self.events.fetch_add(1, Ordering::SeqCst);
            let outcome = load.await;
            *turn = Some((began, Arc::new(outcome.clone())));
            outcome
        };
        (outcome, collapsed)
    }

    fn enter<'a>(&'a self, slot: &'a Slot) -> Place<'a> {
        let latest = Arc::clone(self.slots.lock().entry(slot.clone()).or_default());
        Place { queues: self, slot, latest }
    }
}

/// A caller's place in a queue. The last one to leave, served or not, takes the queue along.
struct Place<'a> {
    queues: &'a Queues,
    slot: &'a Slot,
    latest: Latest,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut slots = self.queues.slots.lock();
        // The map and this place: nobody else is in the queue.
        if Arc::strong_count(&self.latest) == 2 {
            slots.remove(self.slot);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    fn slot() -> Slot {
        Slot { key: "k".into(), field: None }
    }

    fn entry() -> Arc<Entry> {
        Arc::new(Entry {
            fill_id: [0; 16],
            stored_at: 0,
            valid_until: 0,
            kept_until: 0,
            load_ms: 0,
            stamp: 0,
            etag: domain::revision::ETag::opaque(""),
            json: None,
        })
    }

    #[tokio::test]
    async fn passengers_share_a_landing_and_leave_a_flight_that_never_lands() {
        let flights = Arc::new(Flights::default());
        let Seat::Pilot(flight) = flights.board(&slot()) else { panic!("no flight was open") };
        let Seat::Passenger(passenger) = flights.board(&slot()) else { panic!("the flight was open") };
        flight.land(entry());
        assert_eq!(passenger.arrive().await, Some(entry()));

        let Seat::Pilot(flight) = flights.board(&slot()) else { panic!("the flight has landed") };
        let Seat::Passenger(passenger) = flights.board(&slot()) else { panic!("the flight was open") };
        drop(flight);
        assert_eq!(passenger.arrive().await, None);
    }

    #[tokio::test]
    async fn a_flight_admits_nobody_once_its_fill_is_sent() {
        let flights = Arc::new(Flights::default());
        let Seat::Pilot(mut flight) = flights.board(&slot()) else { panic!("no flight was open") };
        flight.close();
        let Seat::Pilot(next) = flights.board(&slot()) else { panic!("the flight was closed") };
        flight.land(entry());
        assert!(matches!(flights.board(&slot()), Seat::Passenger(_)), "an earlier flight's end must not close a later one");
        drop(next);
    }

    #[tokio::test]
    async fn a_caller_who_leaves_leaves_nothing_behind() {
        let queues = Queues::default();
        let slot = slot();
        let never = tokio::time::timeout(std::time::Duration::ZERO, queues.load(&slot, std::future::pending::<()>()));
        assert!(never.await.is_err());
        assert!(queues.slots.lock().is_empty());
    }

    #[tokio::test]
    async fn callers_share_only_a_load_that_began_after_they_came() {
        let queues = Arc::new(Queues::default());
        let loads = Arc::new(AtomicUsize::new(0));
        let gate = Arc::new(tokio::sync::Semaphore::new(0));
        let call = || {
            let (queues, loads, gate) = (Arc::clone(&queues), Arc::clone(&loads), Arc::clone(&gate));
            tokio::spawn(async move {
                let load = async {
                    let number = loads.fetch_add(1, Ordering::SeqCst);
                    gate.acquire().await.unwrap().forget();
                    number
                };
                queues.load(&slot(), load).await
            })
        };
        let first = call();
        while loads.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        let late: Vec<_> = (0..50).map(|_| call()).collect();
        while queues.events.load(Ordering::SeqCst) < 52 {
            tokio::task::yield_now().await;
        }
        gate.add_permits(2);
        assert_eq!(first.await.unwrap(), (0, false));
        let outcomes = futures_util::future::join_all(late).await;
        assert!(outcomes.into_iter().all(|outcome| outcome.unwrap().0 == 1));
        assert!(queues.slots.lock().is_empty());
    }
}
