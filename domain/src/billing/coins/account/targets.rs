//! Coins that are taken back and restored.
//!
//! A group is a root lot with the rolled over and refunded lots that came from it. The root has a target: coins of the group that are to
//! be taken back. Only free coins are taken; what is missing is owed, and taken as soon as coins of the group become free. So at any
//! time owed = max(0, target − taken), whatever the order of events. More than the target is taken only if a lot expired before its
//! coins could be restored.

use super::{Account, EntryDetails};
use crate::billing::coins::{EntryKind, Lot, Purpose};
use crate::ids::{HoldId, LotId};
use crate::{ServiceError, Time};

impl Account {
    /// Adds lots that storage loaded besides those with remaining or owed coins.
    pub fn include(&mut self, lots: Vec<Lot>) {
        for lot in lots {
            if self.lots.iter().all(|known| known.id != lot.id) {
                self.lots.push(lot);
            }
        }
    }

    /// Sets the target of a root lot, at most its granted coins. A higher target takes free coins of the group: those of the root first,
    /// then those of the oldest lot. A lower one restores coins, in the reverse order, into the lots that they were taken from, except
    /// expired ones. The limit of the balance does not hold for restored coins. The whole group must be loaded.
    ///
    /// # Errors
    /// [`ServiceError::Bug`] when the root is not loaded; the account is unchanged.
    pub fn settle_target(&mut self, root: LotId, target: i64, purpose: Purpose, now: Time) -> Result<(), ServiceError> {
        let taken: i64 = self.lots.iter().filter(|lot| lot.root() == root).map(|lot| lot.taken).sum();
        let lot = self.lot(root)?;
        let target = target.clamp(0, lot.granted);
        let owed = (target - taken).max(0);
        if (lot.target, lot.owed) != (target, owed) {
            (lot.target, lot.owed) = (target, owed);
            self.record_lots([root]);
        }
        self.take_owed(purpose.clone(), None, now);
        self.restore(root, taken - target, purpose, now);
        Ok(())
    }

    /// Claws back the coins of a group that are not spent: free ones at once, held ones when they are released. The whole group must be
    /// loaded.
    ///
    /// # Errors
    /// [`ServiceError::Bug`] when the root is not loaded; the account is unchanged.
    pub fn take_unspent(&mut self, root: LotId, purpose: Purpose, now: Time) -> Result<(), ServiceError> {
        let group = self.lots.iter().filter(|lot| lot.root() == root);
        let target = group.map(|lot| lot.taken + lot.remaining).sum();
        self.settle_target(root, target, purpose, now)
    }

    /// Claws back free coins of groups that owe some, in one entry.
    pub(super) fn take_owed(&mut self, purpose: Purpose, hold_id: Option<HoldId>, now: Time) {
        let owing: Vec<(LotId, i64)> = self.lots.iter().filter(|lot| lot.owed > 0).map(|lot| (lot.id, lot.owed)).collect();
        let mut total = 0;
        for (root, owed) in owing {
            let coins = self.move_coins(root, owed, |lot| lot.available(now), 1);
            self.lots.iter_mut().filter(|lot| lot.id == root).for_each(|lot| lot.owed -= coins);
            self.record_lots((coins > 0).then_some(root));
            total += coins;
        }
        if total > 0 {
            self.post(EntryKind::Clawback, -total, EntryDetails::automatic(purpose, hold_id), now);
        }
    }

    /// Restores at most `excess` coins, in one entry.
    fn restore(&mut self, root: LotId, excess: i64, purpose: Purpose, now: Time) {
        let restorable = |lot: &Lot| if lot.has_expired(now) { 0 } else { lot.taken };
        let coins = self.move_coins(root, excess.max(0), restorable, -1);
        if coins > 0 {
            self.post(EntryKind::Restore, coins, EntryDetails::automatic(purpose, None), now);
        }
    }

    /// Moves at most `at_most` coins of a group from `remaining` to `taken` (`sign` 1), or back (-1): from each lot as many as `movable`
    /// says. Returns their number.
    fn move_coins(&mut self, root: LotId, at_most: i64, movable: impl Fn(&Lot) -> i64, sign: i64) -> i64 {
        let mut group: Vec<&mut Lot> = self.lots.iter_mut().filter(|lot| lot.root() == root).collect();
        group.sort_unstable_by_key(|lot| (lot.id != root, lot.id));
        if sign < 0 {
            group.reverse();
        }
        let (mut left, mut changed) = (at_most, Vec::new());
        for lot in group {
            let coins = movable(lot).min(left);
            if coins > 0 {
                (lot.remaining, lot.taken, left) = (lot.remaining - sign * coins, lot.taken + sign * coins, left - coins);
                changed.push(lot.id);
            }
        }
        self.record_lots(changed);
        at_most - left
    }
}
