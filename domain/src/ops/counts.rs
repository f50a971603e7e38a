//! What is counted of a cache, so that the counts of several workers can be added.

use serde::{Deserialize, Serialize};

/// What may happen to a read, or to a value. Each read ends in exactly one of those up to [`Event::Failed`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Event {
    /// Served from a copy in the process.
    HitMemory,
    /// Served from Redis.
    HitRedis,
    /// Loaded, for no layer held it.
    Miss,
    /// Shared another caller's load.
    Joined,
    /// Loaded without the cache, which did not answer or could not be judged.
    Bypassed,
    /// Served past its time, for the database did not answer.
    Stale,
    /// The load failed.
    Failed,
    /// A loaded value was accepted.
    Fill,
    /// A loaded value was refused: a write came between, or the lease was lost.
    RefusedFill,
    /// A cached value was not served, for a change came after it was loaded.
    RefusedValue,
    /// A key was dropped by a write.
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

/// Upper bounds of the classes that load times are counted in, in milliseconds; one class more has none.
pub const LOAD_BOUNDS_MS: [f64; 11] = [0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0];

/// How long loads took.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadTimes {
    /// How many loads fell into each class.
    pub classes: [u64; LOAD_BOUNDS_MS.len() + 1],
    /// The sum of all, in microseconds.
    pub sum_us: u64,
}

impl LoadTimes {
    /// How many loads there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.classes.iter().sum()
    }

    /// The time, in milliseconds, that this share of all loads did not exceed: linear within its class, as Prometheus'
    /// `histogram_quantile` has it. `None` when there was no load.
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

/// The counts of one cached type.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    events: [u64; Event::ALL.len()],
    /// How long its loads took.
    pub loads: LoadTimes,
}

impl Counts {
    /// Counts, as something read them.
    pub fn read(of: impl Fn(Event) -> u64, loads: LoadTimes) -> Self {
        Self { events: Event::ALL.map(of), loads }
    }

    /// How often something happened.
    #[must_use]
    pub fn of(&self, event: Event) -> u64 {
        self.events[event as usize]
    }

    /// Reads that were served from a layer while their value was good.
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

    /// Adds what another worker, or another type, counted.
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
    fn a_quantile_lies_within_the_class_that_holds_its_rank() {
        assert_eq!(loads([0; 12]).quantile_ms(0.5), None);
        let even = loads([0, 10, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(even.quantile_ms(0.25), Some(0.75));
        assert_eq!(even.quantile_ms(0.5), Some(1.0));
        assert_eq!(even.quantile_ms(1.0), Some(2.5));
        assert_eq!(loads([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3]).quantile_ms(0.5), Some(1000.0));
    }

    #[test]
    fn every_event_has_its_own_place_and_sums_add_up() {
        let mut counts = Counts::read(|event| event as u64, loads([1; 12]));
        counts.add(&counts.clone());
        for (place, event) in Event::ALL.into_iter().enumerate() {
            assert_eq!(counts.of(event), 2 * place as u64);
        }
        assert_eq!((counts.hits(), counts.reads(), counts.loads.count()), (2, 42, 24));
    }
}
