//! Estimates which public characters are read most, for the warm-up. Only a sample of the reads is counted.

use std::collections::HashMap;

use domain::characters::CharacterName;
use parking_lot::Mutex;

/// One of this many reads is counted, at random.
const SAMPLE: u32 = 8;
/// The maximum number of counted names.
const MAX_NAMES: usize = 1000;

/// Counts of reads, by folded name.
#[derive(Default)]
pub(crate) struct Readership(Mutex<HashMap<String, u64>>);

impl Readership {
    /// Records a read of a character.
    pub(crate) fn record(&self, name: &CharacterName) {
        if rand::random_ratio(1, SAMPLE) {
            self.add(name.folded(), 1);
        }
    }

    /// Adds reads. Above [`MAX_NAMES`] all counts are halved and names with a count of 0 are removed.
    fn add(&self, name: String, reads: u64) {
        let mut counts = self.0.lock();
        *counts.entry(name).or_default() += reads;
        while counts.len() > MAX_NAMES {
            counts.values_mut().for_each(|count| *count /= 2);
            counts.retain(|_, count| *count > 0);
        }
    }

    /// The names that were read most, in descending order of reads.
    pub(crate) fn top(&self, names: usize) -> Vec<String> {
        let mut counted: Vec<(u64, String)> = self.0.lock().iter().map(|(name, count)| (*count, name.clone())).collect();
        counted.sort_unstable_by(|a, b| b.cmp(a));
        counted.into_iter().take(names).map(|(_, name)| name).collect()
    }

    /// Removes and returns all counts.
    pub(crate) fn take(&self) -> HashMap<String, u64> {
        std::mem::take(&mut self.0.lock())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_ordered_by_reads_and_the_number_of_names_is_bounded() {
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
