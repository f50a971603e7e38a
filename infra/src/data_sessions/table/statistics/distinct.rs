//! Counts different values exactly while memory lasts, and estimates them after that.
//!
//! All columns share one pool. When it is exhausted, the column that uses most of it is sampled: it keeps counting its most
//! frequent values, and of the other values only the hashes with enough low zero bits (adaptive sampling, Wegman 1984;
//! analysed by Flajolet, "On adaptive sampling", Computing 43, 1990). The relative error is about 1.2 / √(size of the sample).

use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use foldhash::quality::FixedState;

use super::super::error::shorten_to;

/// Bytes of an entry beside its text: table slot, allocation, count.
const ENTRY: usize = 64;
/// Characters of a value that are shown.
const SHOWN: usize = 100;

/// Memory of all columns.
#[derive(Debug)]
pub(in super::super) struct DistinctPool {
    used: usize,
    limit: usize,
    sample: usize,
    /// Values that a sampled column keeps counting.
    kept: usize,
}

impl DistinctPool {
    /// Shares `limit` bytes among the columns.
    pub(in super::super) fn new(limit: usize, columns: usize) -> Self {
        let sample = (limit / (64 * columns.max(1))).clamp(8, 8_192);
        let kept = if columns > 1_000 { 3 } else { 16 };
        // What sampled columns take is not counted: in wide tables it is as much as the pool.
        let limit = if columns > 1_000 { limit / 3 } else { limit };
        Self { used: 0, limit, sample, kept }
    }

    /// Whether a column has to be sampled.
    pub(in super::super) fn is_exhausted(&self) -> bool {
        self.used > self.limit
    }
}

/// The different values of a column.
#[derive(Debug, Default)]
pub(in super::super) struct Distinct {
    counts: HashMap<Box<str>, u64, RandomState>,
    bytes: usize,
    sample: Option<Box<Sample>>,
}

/// Hashes of the values that are not counted one by one.
#[derive(Debug, Default)]
struct Sample {
    hashes: HashSet<u64, RandomState>,
    level: u32,
}

impl Sample {
    fn add(&mut self, hash: u64, capacity: usize) {
        if hash.trailing_zeros() < self.level || !self.hashes.insert(hash) {
            return;
        }
        while self.hashes.len() > capacity {
            self.level += 1;
            let level = self.level;
            self.hashes.retain(|hash| hash.trailing_zeros() >= level);
        }
    }
}

impl Distinct {
    /// Adds a value.
    pub(super) fn add(&mut self, text: &str, pool: &mut DistinctPool) {
        if let Some(count) = self.counts.get_mut(text) {
            *count += 1;
        } else if let Some(sample) = &mut self.sample {
            sample.add(hash(text), pool.sample);
        } else {
            self.counts.insert(text.into(), 1);
            self.bytes += ENTRY + text.len();
            pool.used += ENTRY + text.len();
        }
    }

    /// Bytes taken from the pool.
    pub(in super::super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Keeps the most frequent values, samples the others, and returns their memory to the pool.
    pub(in super::super) fn degrade(&mut self, pool: &mut DistinctPool) {
        let mut frequent = self.frequent(pool.kept).into_iter().map(Box::<str>::from).collect::<HashSet<_>>();
        frequent.retain(|text| text.len() <= pool.sample * 8);
        let mut sample = Box::<Sample>::default();
        for text in self.counts.keys().filter(|text| !frequent.contains(*text)) {
            sample.add(hash(text), pool.sample);
        }
        self.counts.retain(|text, _| frequent.contains(text));
        self.counts.shrink_to_fit();
        self.sample = Some(sample);
        pool.used -= self.bytes;
        self.bytes = 0;
    }

    /// How many there are, and whether that is exact.
    pub(super) fn count(&self) -> (u64, bool) {
        let counted = self.counts.len() as u64;
        match &self.sample {
            None => (counted, true),
            Some(sample) => (counted + ((sample.hashes.len() as u64) << sample.level), false),
        }
    }

    /// The most frequent values and their counts, equal counts in the order of the values.
    pub(super) fn top(&self, limit: usize) -> Vec<(String, u64)> {
        let shown = |text: &str| (shorten_to(text, SHOWN), self.counts.get(text).copied().unwrap_or(0));
        self.frequent(limit).into_iter().map(shown).collect()
    }

    fn frequent(&self, limit: usize) -> Vec<&str> {
        let mut entries = self.counts.iter().map(|(text, count)| (*count, text.as_ref())).collect::<Vec<_>>();
        let order = |a: &(u64, &str), b: &(u64, &str)| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1));
        if entries.len() > limit {
            entries.select_nth_unstable_by(limit, order);
            entries.truncate(limit);
        }
        entries.sort_unstable_by(order);
        entries.into_iter().map(|(_, text)| text).collect()
    }
}

/// A hash that is the same in each run, so that estimates are.
fn hash(text: &str) -> u64 {
    FixedState::with_seed(0).hash_one(text)
}
