//! The buckets of this process, in a table of fixed size.
//!
//! A new subject that finds its set full takes the place of the bucket with the least debt **and that debt with it**. So no subject
//! can reset its own limit by crowding its bucket out: when it returns, every bucket of its set owes at least as much as it did. A
//! flood of new subjects costs no memory; without Redis it delays other new subjects of the same sets, by less than a window.

use std::hash::{BuildHasher, RandomState};

use parking_lot::Mutex;

use super::bucket::Bucket;
use super::key::Key;

/// The number of sets; a power of two.
const SETS: usize = 16_384;
/// The buckets of a set.
const WAYS: usize = 8;

/// Buckets whose keys have the same hash.
type Set = Vec<(Key, Bucket)>;

/// Buckets by key. The hash is keyed, so that nobody can choose keys of one set.
pub(super) struct Table {
    sets: Box<[Mutex<Set>]>,
    hasher: RandomState,
}

impl Table {
    pub(super) fn new() -> Self {
        Self { sets: (0..SETS).map(|_| Mutex::default()).collect(), hasher: RandomState::new() }
    }

    /// Uses the bucket of a key.
    pub(super) fn with<T>(&self, key: &Key, now_us: i64, f: impl FnOnce(&mut Bucket) -> T) -> T {
        let hash = self.hasher.hash_one(key);
        #[expect(clippy::cast_possible_truncation, reason = "the remainder is less than the number of sets")]
        let mut set = self.sets[(hash % SETS as u64) as usize].lock();
        let place = match set.iter().position(|(other, _)| other == key) {
            Some(place) => place,
            None if set.len() < WAYS => {
                set.push((*key, Bucket::default()));
                set.len() - 1
            }
            None => {
                let place = least_indebted(&set, now_us);
                set[place] = (*key, Bucket::replacing(&set[place].1, now_us));
                place
            }
        };
        f(&mut set[place].1)
    }

    /// The number of buckets.
    pub(super) fn len(&self) -> u64 {
        self.sets.iter().map(|set| set.lock().len() as u64).sum()
    }
}

fn least_indebted(set: &[(Key, Bucket)], now_us: i64) -> usize {
    let debts = set.iter().map(|(_, bucket)| bucket.debt_until(now_us));
    debts.enumerate().min_by_key(|(_, debt)| *debt).map_or(0, |(place, _)| place)
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv6Addr};

    use domain::limits::{Access, Charge, DefaultLimits, Limit, Subject};

    use super::super::key::AppliedLimits;
    use super::*;

    fn key(address: u128) -> Key {
        let subject = Subject::Address(IpAddr::V6(Ipv6Addr::from_bits(address << 96)));
        let charge = Charge { subject, operation: None, access: Access::Read };
        let limit = Limit::per(10, 10);
        let limits =
            AppliedLimits::of(&charge, &DefaultLimits { user: limit, service_key: limit, address: limit, sign_in: limit }, None);
        limits.iter().next().unwrap().key
    }

    #[test]
    fn a_million_subjects_need_no_more_memory_than_the_table() {
        let table = Table::new();
        (0..1_000_000).for_each(|address| table.with(&key(address), 0, |_| ()));
        assert!(table.len() <= (SETS * WAYS) as u64);
        let capacity: usize = table.sets.iter().map(|set| set.lock().capacity()).sum();
        assert!(capacity <= SETS * WAYS, "{capacity}");
        assert!(capacity * size_of::<(Key, Bucket)>() < 20 << 20);
    }

    #[test]
    fn a_subject_cannot_reset_its_limit_by_crowding_itself_out() {
        let (table, limit) = (Table::new(), Limit::per(5, 5));
        let spend = |address, now| table.with(&key(address), now, |bucket| bucket.decide_local(limit, now).is_ok());
        let attacker = 1_u128 << 31;
        assert_eq!((0..20).filter(|_| spend(attacker, 0)).count(), 5);
        let flood = (0..1_000_000_u128).filter(|&address| spend(address, 0)).count();
        assert!(flood > SETS * WAYS, "{flood}");
        assert_eq!((0..20).filter(|_| spend(attacker, 0)).count(), 0);
        assert_eq!((0..20).filter(|_| spend(attacker, 2_000_000)).count(), 2, "and it is not punished either");
    }
}
