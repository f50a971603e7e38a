//! A reference model of the ledger that stores single coins.

use std::collections::BTreeMap;

use crate::Time;
use crate::billing::coins::Lot;
use crate::ids::{HoldId, LotId};

/// One coin of the model, and the hold that holds it.
#[derive(Debug, Clone)]
pub(super) struct Coin {
    pub(super) lot: LotId,
    pub(super) root: LotId,
    order: (i32, bool, Option<Time>, Time, LotId),
    pub(super) expires_at: Option<Time>,
    pub(super) held_by: Option<HoldId>,
    pub(super) taken: bool,
}

impl Coin {
    fn has_expired(&self, now: Time) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }

    fn is_available(&self, now: Time) -> bool {
        self.held_by.is_none() && !self.taken && !self.has_expired(now)
    }
}

/// Coins that a lot has lost.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Lost {
    pub(super) spent: i64,
    pub(super) expired: i64,
}

/// The model: all coins in spending order, except those that were spent or expired.
#[derive(Debug, Default)]
pub(super) struct Coins {
    pub(super) each: Vec<Coin>,
    pub(super) lost: BTreeMap<LotId, Lost>,
    /// The roots of the captured coins of each hold, in spending order.
    pub(super) captured: BTreeMap<HoldId, Vec<LotId>>,
    /// The coins that are to be taken, and those that are taken, of each root with a target.
    targets: BTreeMap<LotId, (i64, i64)>,
}

impl Coins {
    pub(super) fn add(&mut self, lot: &Lot) {
        let expires_at = lot.expires_at;
        let order = (lot.source.priority(), expires_at.is_none(), expires_at, lot.created_at, lot.id);
        let place = self.each.iter().position(|coin| coin.order > order).unwrap_or(self.each.len());
        let coin = Coin { lot: lot.id, root: lot.root(), order, expires_at, held_by: None, taken: false };
        let count = usize::try_from(lot.granted).unwrap();
        self.each.splice(place..place, std::iter::repeat_n(coin, count));
    }

    pub(super) fn available(&mut self, now: Time) -> impl Iterator<Item = &mut Coin> {
        self.each.iter_mut().filter(move |coin| coin.is_available(now))
    }

    pub(super) fn hold(&mut self, id: HoldId, count: usize, now: Time) -> bool {
        let enough = self.available(now).count() >= count;
        self.available(now).take(if enough { count } else { 0 }).for_each(|coin| coin.held_by = Some(id));
        enough
    }

    /// Finishes a hold: removes its first `captured` coins and releases the others, except expired ones, which it removes.
    pub(super) fn finish_hold(&mut self, id: HoldId, captured: usize, now: Time) {
        let Self { each: coins, lost, captured: of_holds, .. } = self;
        let roots = of_holds.entry(id).or_default();
        coins.retain_mut(|coin| {
            if coin.held_by != Some(id) {
                return true;
            }
            coin.held_by = None;
            let lot = lost.entry(coin.lot).or_default();
            if roots.len() < captured {
                roots.push(coin.root);
                lot.spent += 1;
                return false;
            }
            lot.expired += i64::from(coin.has_expired(now));
            !coin.has_expired(now)
        });
        self.take(now);
    }

    pub(super) fn expire(&mut self, now: Time) {
        let Self { each: coins, lost, .. } = self;
        coins.retain(|coin| {
            let stays = coin.held_by.is_some() || coin.taken || !coin.has_expired(now);
            if !stays {
                lost.entry(coin.lot).or_default().expired += 1;
            }
            stays
        });
    }

    /// The coins of a group that are neither spent nor expired.
    pub(super) fn unspent(&self, root: LotId) -> i64 {
        i64::try_from(self.each.iter().filter(|coin| coin.root == root).count()).unwrap()
    }

    /// Coins of a group that are to be taken and are not.
    pub(super) fn owed(&self, root: LotId) -> i64 {
        self.targets.get(&root).map_or(0, |(target, taken)| (target - taken).max(0))
    }

    /// Whether a group whose coins cannot be taken any more has free ones.
    pub(super) fn owes_free_coins(&self, now: Time) -> bool {
        let owing = self.targets.iter().filter(|(_, (target, taken))| target > taken);
        let owing: Vec<LotId> = owing.map(|(root, _)| *root).collect();
        !owing.is_empty() && self.each.iter().any(|coin| coin.is_available(now) && owing.contains(&coin.root))
    }

    /// Sets a target, takes coins and restores them.
    pub(super) fn settle(&mut self, root: LotId, target: i64, now: Time) {
        let entry = self.targets.entry(root).or_default();
        entry.0 = target;
        let excess = usize::try_from(entry.1 - entry.0).unwrap_or(0);
        let group: Vec<usize> = self.group(root).into_iter().rev().collect();
        let restorable = |at: &&usize| self.each[**at].taken && !self.each[**at].has_expired(now);
        let restored: Vec<usize> = group.iter().filter(restorable).take(excess).copied().collect();
        self.set_taken(root, &restored, false);
        self.take(now);
    }

    /// Claws back what is owed, as far as coins are free.
    pub(super) fn take(&mut self, now: Time) {
        let owing = self.targets.iter().filter(|(_, (target, taken))| target > taken);
        let owing: Vec<(LotId, i64)> = owing.map(|(root, (target, taken))| (*root, target - taken)).collect();
        for (root, owed) in owing {
            let available = self.group(root).into_iter().filter(|at| self.each[*at].is_available(now));
            let taken: Vec<usize> = available.take(usize::try_from(owed).unwrap()).collect();
            self.set_taken(root, &taken, true);
        }
    }

    /// The coins of a group: first those of the root, then those of the oldest lot.
    fn group(&self, root: LotId) -> Vec<usize> {
        let mut group: Vec<usize> = (0..self.each.len()).filter(|at| self.each[*at].root == root).collect();
        group.sort_by_key(|at| (self.each[*at].lot != root, self.each[*at].lot));
        group
    }

    fn set_taken(&mut self, root: LotId, coins: &[usize], taken: bool) {
        let count = i64::try_from(coins.len()).unwrap();
        for at in coins {
            self.each[*at].taken = taken;
        }
        self.targets.entry(root).and_modify(|(_, sum)| *sum += if taken { count } else { -count });
    }
}
