//! Which public characters are read most, so that a warm-up knows where to begin. An estimate: one read in a few is counted.

use std::collections::HashMap;

use domain::characters::CharacterName;
use parking_lot::Mutex;

/// One read in so many is counted.
const SAMPLE: u32 = 8;
/// How many names are counted at the same time.
const MAX_NAMES: usize = 1000;

/// Counts of reads, by folded name.
#[derive(Default)]
pub(crate) struct Readership(Mutex<HashMap<String, u64>>);

impl Readership {
    /// A character was read.
    pub(crate) fn record(&self, name: &CharacterName) {
        if rand::random_ratio(1, SAMPLE) {
            self.add(name.folded(), 1);
        }
    }

    /// When there are too many names, all counts are halved and the rarest forgotten.
    fn add(&self, name: String, reads: u64) {
        let mut counts = self.0.lock();
        *counts.entry(name).or_default() += reads;
        while counts.len() > MAX_NAMES {
            counts.values_mut().for_each(|count| *count /= 2);
            counts.retain(|_, count| *count > 0);
        }
    }

    /// The names that were read most, with their counts.
    pub(crate) fn top(&self, names: usize) -> Vec<String> {
        let mut counted: Vec<(u64, String)> = self.0.lock().iter().map(|(name, count)| (*count, name.clone())).collect();
        counted.sort_unstable_by(|a, b| b.cmp(a));
        counted.into_iter().take(names).map(|(_, name)| name).collect()
    }

    /// Takes the counts, to add them elsewhere.
    pub(crate) fn take(&self) -> HashMap<String, u64> {
        std::mem::take(&mut self.0.lock())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_read_come_first_and_the_rarest_are_forgotten() {
        let readership = Readership::default();
        readership.add("favourite".into(), 100);
        readership.add("liked".into(), 10);
        for n in 0..MAX_NAMES {
            readership.add(n.to_string(), 1);
        }
        assert_eq!(readership.top(2), ["favourite", "liked"]);
        assert!(readership.take().len() <= MAX_NAMES);
        assert!(readership.top(2).is_empty());
    }
}
