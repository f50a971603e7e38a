//! Event counters and load times of the cache. Counts of several workers can be added.

use serde::{Deserialize, Serialize};

/// A counted event of the cache. Each read ends in exactly one of the events up to [`Event::Failed`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Event {
    /// Served from the process's memory.
    HitMemory,
    /// Served from Redis.
    HitRedis,
    /// Loaded, because no layer stored the value.
    Miss,
    /// Shared another caller's load.
    Joined,
    /// Loaded without the cache, because the store was unavailable or the change log was not read recently.
    Bypassed,
    /// Served after its expiry, because the database was unavailable.
    Stale,
    /// The load failed.
    Failed,
    /// The cache stored a loaded value.
    Fill,
    /// The cache rejected a loaded value: a write intervened, or the lease was lost.
    RefusedFill,
    /// A cached value was not served, because a change followed its load.
    RefusedValue,
    /// A write dropped a key.
    Drop,
}

impl Event {
    /// Every event.
    pub const ALL: [Self; 11] = [
        Self::HitMemory,
        Self::HitRedis,
        Self::Miss,
        Self::Joined,
        Self::Bypassed,
        Self::Stale,
        Self::Failed,
        Self::Fill,
        Self::RefusedFill,
        Self::RefusedValue,
        Self::Drop,
    ];
}

/// Upper bounds of the load-time classes, in milliseconds. One further class is unbounded.
pub const LOAD_BOUNDS_MS: [f64; 11] = [0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0];

/// A histogram of load times.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadTimes {
    /// Number of loads in each class.
    pub classes: [u64; LOAD_BOUNDS_MS.len() + 1],
    /// Sum of all load times, in microseconds.
    pub sum_us: u64,
}

impl LoadTimes {
    /// Number of loads.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.classes.iter().sum()
    }

    /// The quantile of the load times for `share` (0 to 1), in milliseconds. It is interpolated within its class, like Prometheus'
    /// `histogram_quantile`. `None` without loads.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    pub fn quantile_ms(&self, share: f64) -> Option<f64> {
        let rank = share * self.count() as f64;
        let (mut below, mut lower) = (0.0, 0.0);
        for (class, upper) in self.classes.iter().zip(LOAD_BOUNDS_MS) {
            let size = *class as f64;
            if size > 0.0 && below + size >= rank {
                return Some(lower + (upper - lower) * (rank - below) / size);
            }
            (below, lower) = (below + size, upper);
        }
        (self.count() > 0).then_some(lower)
    }
}

/// The event counts of one cached type.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    events: [u64; Event::ALL.len()],
    /// Its load times.
    pub loads: LoadTimes,
}

impl Counts {
    /// Counts from a function that returns the count of each event.
    pub fn from_fn(count: impl Fn(Event) -> u64, loads: LoadTimes) -> Self {
        Self { events: Event::ALL.map(count), loads }
    }

    /// How often an event occurred.
    #[must_use]
    pub fn of(&self, event: Event) -> u64 {
        self.events[event as usize]
    }

    /// Reads served from a cache layer before the value's expiry.
    #[must_use]
    pub fn hits(&self) -> u64 {
        self.of(Event::HitMemory) + self.of(Event::HitRedis)
    }

    /// All reads.
    #[must_use]
    pub fn reads(&self) -> u64 {
        let others = [Event::Miss, Event::Joined, Event::Bypassed, Event::Stale, Event::Failed];
        self.hits() + others.into_iter().map(|event| self.of(event)).sum::<u64>()
    }

    /// Adds the counts of another worker or another type.
    pub fn add(&mut self, other: &Self) {
        self.events.iter_mut().zip(other.events).for_each(|(sum, more)| *sum += more);
        self.loads.classes.iter_mut().zip(other.loads.classes).for_each(|(sum, more)| *sum += more);
        self.loads.sum_us += other.loads.sum_us;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loads(classes: [u64; 12]) -> LoadTimes {
        LoadTimes { classes, sum_us: 0 }
    }

    #[test]
    fn a_quantile_lies_within_the_class_of_its_rank() {
        assert_eq!(loads([0; 12]).quantile_ms(0.5), None);
        let even = loads([0, 10, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(even.quantile_ms(0.25), Some(0.75));
        assert_eq!(even.quantile_ms(0.5), Some(1.0));
        assert_eq!(even.quantile_ms(1.0), Some(2.5));
        assert_eq!(loads([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3]).quantile_ms(0.5), Some(1000.0));
    }

    #[test]
    fn every_event_has_its_own_counter_and_counts_add_up() {
        let mut counts = Counts::from_fn(|event| event as u64, loads([1; 12]));
        counts.add(&counts.clone());
        for (place, event) in Event::ALL.into_iter().enumerate() {
            assert_eq!(counts.of(event), 2 * place as u64);
        }
        assert_eq!((counts.hits(), counts.reads(), counts.loads.count()), (2, 42, 24));
    }
}
