//! Counters of the cache by entry type. A count is a few relaxed additions and allocates nothing.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use domain::ops::{Counts, CountsByType, Event, LOAD_BOUNDS_MS, LoadTimes};

use super::policy::EntryType;

/// The counts of this process, by type.
#[derive(Default)]
pub(crate) struct Stats([OfType; EntryType::ALL.len()]);

#[derive(Default)]
struct OfType {
    events: [AtomicU64; Event::ALL.len()],
    loads: [AtomicU64; LOAD_BOUNDS_MS.len() + 1],
    loads_us: AtomicU64,
}

impl Stats {
    /// Counts an event.
    pub(crate) fn count(&self, of: EntryType, event: Event) {
        self.0[of as usize].events[event as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a load and its duration.
    pub(crate) fn count_load(&self, of: EntryType, time: Duration) {
        let ms = time.as_secs_f64() * 1000.0;
        let class = LOAD_BOUNDS_MS.partition_point(|bound| *bound < ms);
        let of = &self.0[of as usize];
        of.loads[class].fetch_add(1, Ordering::Relaxed);
        of.loads_us.fetch_add(u64::try_from(time.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// The counts since the start of the process.
    pub(crate) fn read(&self) -> CountsByType {
        EntryType::ALL.into_iter().map(|of| (of.policy().setting.to_owned(), self.0[of as usize].read())).collect()
    }
}

impl OfType {
    fn read(&self) -> Counts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let loads = LoadTimes { classes: self.loads.each_ref().map(read), sum_us: read(&self.loads_us) };
        Counts::from_fn(|event| read(&self.events[event as usize]), loads)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_counted_by_type_and_loads_by_duration() {
        let stats = Stats::default();
        stats.count(EntryType::UserCoins, Event::Drop);
        stats.count_load(EntryType::UserCoins, Duration::from_micros(2500));
        stats.count_load(EntryType::UserCoins, Duration::from_secs(9));
        let counts = stats.read();
        let coins = &counts["user_coins"];
        assert_eq!((coins.of(Event::Drop), coins.of(Event::Fill), coins.loads.sum_us), (1, 0, 9_002_500));
        assert_eq!((coins.loads.classes[2], coins.loads.classes[11], coins.loads.count()), (1, 1, 2));
        assert_eq!(counts["char_list"], Counts::default());
    }
}
