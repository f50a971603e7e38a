//! The latest known change of each key, and the rule that validates every cached or shared value.
//!
//! Every write appends a row per key to the change log, in its own transaction. Each worker tails the log and records the changes
//! here. A value carries a *stamp*: the log's horizon, read before the value was loaded. Every change below the horizon is visible
//! to that load. So a value may be served only if no change of its key is known at or above its stamp. While the tail is behind, no
//! value may be served, and none while other workers may count this one as gone: their writes do not wait for it.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::safeguards;
use super::sync::{AtomicU64, Mutex};
use crate::db::{Membership, Poll, Position};

/// The number of keys whose latest change is kept. Older changes are discarded and raise the floor.
pub(crate) const REMEMBERED: usize = 500_000;
/// The number of epoch counters. Keys share them by hash.
const STRIPES: usize = 1024;

/// The outcome of the rule for a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It may be served.
    Serve,
    /// A change may have followed its load: it is never served, not even as stale.
    Refuse,
    /// The tail is behind, or the writes of others do not wait for this worker: no cached value can be validated.
    Blind,
}

/// The latest changes that one worker knows.
pub(crate) struct Changes {
    /// D: how long after the start of a poll its result counts as up to date.
    current_for: Duration,
    membership: Arc<dyn Membership>,
    known: Mutex<Known>,
    epochs: Vec<AtomicU64>,
}

struct Known {
    /// The latest change of each key; the component-wise maximum, since the order of ids is not the order of commits.
    young: HashMap<String, Position>,
    old: HashMap<String, Position>,
    /// Changes below it may be unknown, so values with a lower stamp are refused.
    floor: Position,
    /// The position from which the next poll reads.
    cursor: Position,
    /// Rows at or above the cursor that have been applied.
    seen: HashSet<(Position, i64)>,
    /// When the last applied poll began.
    polled: Option<Instant>,
}

impl Changes {
    /// Starts from a first poll. Changes that the poll does not contain are below the floor.
    pub(crate) fn starting(first: Poll, started: Instant, current_for: Duration, membership: Arc<dyn Membership>) -> Self {
        let floor = if first.changes.len() < REMEMBERED { first.pruned_below } else { first.horizon };
        let known = Known {
            young: HashMap::new(),
            old: HashMap::new(),
            floor,
            cursor: Position::MIN,
            seen: HashSet::new(),
            polled: None,
        };
        let epochs = std::iter::repeat_with(AtomicU64::default).take(STRIPES).collect();
        let changes = Self { current_for, membership, known: Mutex::new(known), epochs };
        changes.apply(first, started);
        changes
    }

    /// Applies a poll that began at `started`. Returns the keys of the changes that were new.
    pub(crate) fn apply(&self, poll: Poll, started: Instant) -> Vec<String> {
        let mut known = self.known.lock();
        if known.cursor < poll.pruned_below {
            known.floor = known.floor.max(poll.pruned_below);
        }
        let mut new_keys = Vec::new();
        for change in poll.changes {
            if known.seen.insert((change.position, change.id)) {
                known.raise(&change.key, change.position);
                self.advance_epoch(&change.key);
                new_keys.push(change.key);
            }
        }
        known.cursor = known.cursor.max(poll.horizon);
        let cursor = known.cursor;
        known.seen.retain(|(position, _)| *position >= cursor);
        known.polled = Some(started);
        new_keys
    }

    /// Records one change of a key: the worker's own, or one received over pub/sub.
    pub(crate) fn record(&self, key: &str, position: Position) {
        self.known.lock().raise(key, position);
        self.advance_epoch(key);
    }

    /// The position from which the next poll reads.
    pub(crate) fn cursor(&self) -> Position {
        self.known.lock().cursor
    }

    /// Whether the last applied poll began within `span`.
    pub(crate) fn polled_within(&self, span: Duration) -> bool {
        self.known.lock().polled.is_some_and(|polled| polled.elapsed() < span)
    }

    /// Applies the rule to a value of `key` that was loaded after `stamp`.
    pub(crate) fn judge(&self, key: &str, stamp: Position) -> Verdict {
        if safeguards::omits_log() {
            return Verdict::Serve;
        }
        let known = self.known.lock();
        let current = known.polled.is_some_and(|polled| self.is_current(polled));
        let changed_since = known.last(key).is_some_and(|last| last >= stamp);
        match (stamp < known.floor || changed_since, current) {
            (true, _) => Verdict::Refuse,
            (false, true) => Verdict::Serve,
            (false, false) => Verdict::Blind,
        }
    }

    /// Whether a poll that began at `polled` validates values now.
    fn is_current(&self, polled: Instant) -> bool {
        let now = Instant::now();
        now.duration_since(polled) < self.current_for && self.membership.covers(polled, now)
    }

    /// The epoch of a key: it advances with each change of the key, or of another key with the same counter. A copy that was read in an
    /// earlier epoch is not inserted.
    pub(crate) fn epoch(&self, key: &str) -> u64 {
        self.stripe(key).load(Ordering::Acquire)
    }

    /// Advances the epoch of every key.
    pub(crate) fn advance_all_epochs(&self) {
        for epoch in &self.epochs {
            epoch.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// The time since the last applied poll began.
    pub(crate) fn lag(&self) -> Duration {
        self.known.lock().polled.map_or(Duration::MAX, |polled| polled.elapsed())
    }

    fn advance_epoch(&self, key: &str) {
        self.stripe(key).fetch_add(1, Ordering::AcqRel);
    }

    fn stripe(&self, key: &str) -> &AtomicU64 {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let stripe = usize::try_from(hasher.finish() % STRIPES as u64).unwrap_or_default();
        &self.epochs[stripe]
    }
}

impl Known {
    fn last(&self, key: &str) -> Option<Position> {
        self.young.get(key).max(self.old.get(key)).copied()
    }

    /// Two generations bound the memory: when the young one is full, the old one is discarded.
    fn raise(&mut self, key: &str, position: Position) {
        if self.young.len() >= REMEMBERED / 2 && !self.young.contains_key(key) {
            let discarded = std::mem::replace(&mut self.old, std::mem::take(&mut self.young));
            self.floor = discarded.into_values().map(|position| position + 1).max().map_or(self.floor, |end| end.max(self.floor));
        }
        let last = self.young.entry(key.to_owned()).or_insert(position);
        *last = position.max(*last);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::Change;
    use crate::db::test_database::Alone;

    fn poll(horizon: Position, rows: &[(i64, Position, &str)]) -> Poll {
        let changes = rows.iter().map(|&(id, position, key)| Change { id, position, key: key.into() }).collect();
        Poll { horizon, pruned_below: 0, changes }
    }

    fn changes(first: Poll) -> Changes {
        Changes::starting(first, Instant::now(), Duration::from_mins(1), Arc::new(Alone))
    }

    #[test]
    fn a_value_is_served_only_if_every_known_change_is_below_its_stamp() {
        let changes = changes(poll(10, &[(1, 7, "k")]));
        assert_eq!(changes.judge("k", 7), Verdict::Refuse);
        assert_eq!(changes.judge("k", 8), Verdict::Serve);
        assert_eq!(changes.judge("other", 1), Verdict::Serve);
        changes.record("k", 12);
        assert_eq!(changes.judge("k", 12), Verdict::Refuse);
        assert_eq!(changes.judge("k", 13), Verdict::Serve);
    }

    #[test]
    fn the_last_change_is_the_highest_and_not_the_newest() {
        let changes = changes(poll(5, &[]));
        changes.apply(poll(5, &[(1, 9, "k")]), Instant::now());
        changes.apply(poll(5, &[(1, 9, "k"), (2, 6, "k")]), Instant::now());
        assert_eq!(changes.judge("k", 8), Verdict::Refuse);
    }

    #[test]
    fn a_row_that_becomes_visible_late_is_new_and_a_row_seen_before_is_not() {
        let changes = changes(poll(5, &[(2, 6, "b")]));
        let epoch = changes.epoch("b");
        assert_eq!(changes.apply(poll(5, &[(2, 6, "b"), (1, 5, "a")]), Instant::now()), ["a"]);
        assert_eq!(changes.epoch("b"), epoch);
    }

    #[test]
    fn a_worker_that_missed_pruned_changes_refuses_older_values() {
        let changes = changes(poll(5, &[]));
        changes.apply(Poll { pruned_below: 40, ..poll(50, &[]) }, Instant::now());
        assert_eq!((changes.judge("k", 39), changes.judge("k", 40)), (Verdict::Refuse, Verdict::Serve));
    }

    #[test]
    fn no_value_can_be_validated_while_the_tail_is_behind() {
        let behind = Changes::starting(poll(5, &[]), Instant::now(), Duration::ZERO, Arc::new(Alone));
        assert_eq!(behind.judge("k", 5), Verdict::Blind);
    }

    #[test]
    fn discarding_changes_raises_the_floor() {
        let changes = changes(poll(5, &[]));
        for n in 0..=i64::try_from(REMEMBERED).unwrap() {
            changes.record(&n.to_string(), 100 + n);
        }
        assert_eq!(changes.judge("0", 100), Verdict::Refuse);
        assert_eq!(changes.judge("never changed", 100), Verdict::Refuse);
        let known = changes.known.lock();
        assert!(known.young.len() + known.old.len() <= REMEMBERED);
    }
}
