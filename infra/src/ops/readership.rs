//! Estimates which public characters are read most, for the warm-up. Only a sample of the reads is counted. Characters are counted by
//! identifier: a name would outlive a character that is deleted.

use std::collections::HashMap;

use domain::revision::ETag;
use parking_lot::Mutex;

/// One of this many reads is counted, at random.
const SAMPLE: u32 = 8;
/// The maximum number of counted characters.
const MAX_CHARACTERS: usize = 1000;

/// Counts of reads, by identifier.
#[derive(Default)]
pub(crate) struct Readership(Mutex<HashMap<String, u64>>);

impl Readership {
    /// Records a read of a version of a character.
    pub(crate) fn record(&self, read: &ETag) {
        if rand::random_ratio(1, SAMPLE) {
            self.add(read.identifier().to_owned(), 1);
        }
    }

    /// Adds reads. Above [`MAX_CHARACTERS`] all counts are halved and characters with a count of 0 are removed.
    fn add(&self, id: String, reads: u64) {
        let mut counts = self.0.lock();
        *counts.entry(id).or_default() += reads;
        while counts.len() > MAX_CHARACTERS {
            counts.values_mut().for_each(|count| *count /= 2);
            counts.retain(|_, count| *count > 0);
        }
    }

    /// The characters that were read most, in descending order of reads.
    pub(crate) fn top(&self, count: usize) -> Vec<String> {
        let mut counted: Vec<(u64, String)> = self.0.lock().iter().map(|(id, reads)| (*reads, id.clone())).collect();
        counted.sort_unstable_by(|a, b| b.cmp(a));
        counted.into_iter().take(count).map(|(_, id)| id).collect()
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
    fn characters_are_ordered_by_reads_and_their_number_is_bounded() {
        let readership = Readership::default();
        readership.add("favourite".into(), 100);
        readership.add("liked".into(), 10);
        for n in 0..MAX_CHARACTERS {
            readership.add(n.to_string(), 1);
        }
        assert_eq!(readership.top(2), ["favourite", "liked"]);
        assert!(readership.take().len() <= MAX_CHARACTERS);
        assert!(readership.top(2).is_empty());
    }
}
