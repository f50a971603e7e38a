//! What storage does after a step, and what holds then.

use super::coin::Coin;
use super::*;

impl Simulation {
    /// Writes the changes, and loads the lots with remaining or owed coins.
    pub(super) fn save(&mut self) {
        let Changes { entries, new_lots, lots } = self.account.take_changes();
        for entry in entries {
            self.entries.seq += 1;
            self.entries.balance += entry.amount;
            assert_eq!((entry.seq, entry.balance_after), (self.entries.seq, self.entries.balance));
            match entry.kind {
                EntryKind::Grant => self.entries.issued += entry.amount,
                EntryKind::Capture | EntryKind::Refund => self.entries.revenue -= entry.amount,
                EntryKind::Expire => self.entries.expired -= entry.amount,
                EntryKind::Clawback | EntryKind::Restore => self.entries.clawed_back -= entry.amount,
            }
        }
        self.changed = new_lots.iter().map(|lot| lot.id).chain(lots.keys().copied()).collect();
        self.stored.extend(new_lots.into_iter().map(|lot| (lot.id, lot)));
        for (id, lot) in lots {
            assert!(self.stored.insert(id, lot).is_some(), "a changed lot was new");
        }
        self.account.lots.retain(|lot| lot.remaining > 0 || lot.owed > 0);
        let old = self.holds.len().saturating_sub(RECENT);
        let mut number = 0..;
        self.holds.retain(|hold| number.next() >= Some(old) || hold.state == HoldState::Held);
    }

    pub(super) fn check_invariants(&mut self) {
        let totals = self.account.totals;
        assert!(0 <= totals.held && totals.held <= totals.balance, "I1");
        assert_eq!(totals, AccountTotals { held: totals.held, ..self.entries }, "I2");
        assert_eq!(totals.balance, totals.issued - totals.revenue - totals.expired - totals.clawed_back, "I4");
        assert!(totals.clawed_back >= 0, "I4");
        let open = self.holds.iter().filter(|hold| hold.state == HoldState::Held);
        assert_eq!(totals.held, open.map(|hold| hold.amount).sum::<i64>(), "I3");
        for hold in &self.holds {
            assert!(0 <= hold.refunded && hold.refunded <= hold.captured && hold.captured <= hold.amount, "I5");
            assert_eq!(hold.captured > 0, hold.state == HoldState::Captured, "I5");
        }
        self.check_sums();
        self.steps += 1;
        if self.steps.is_multiple_of(FULL_CHECK) {
            self.check_all_lots();
        } else {
            self.check_changed_lots();
        }
        assert!(!self.coins.owes_free_coins(self.now), "I9");
        let balance = self.account.balance_at(self.now);
        assert_eq!(balance.available, i64::try_from(self.coins.available(self.now).count()).unwrap());
        let next = self.coins.available(self.now).filter_map(|coin| coin.expires_at).min();
        assert_eq!(balance.next_expiry.map(|next| next.at), next);
    }

    /// Compares the totals with the model.
    fn check_sums(&self) {
        let (mut remaining, mut held, mut taken) = (0, 0, 0);
        for coin in &self.coins.each {
            remaining += i64::from(!coin.taken);
            held += i64::from(coin.held_by.is_some());
            taken += i64::from(coin.taken);
        }
        let totals = self.account.totals;
        assert_eq!((totals.balance, totals.held, totals.clawed_back), (remaining, held, taken), "I2, I3");
    }

    /// Compares a lot with its coins in the model.
    fn check_lot<'a>(&self, id: LotId, coins: impl Iterator<Item = &'a Coin>) {
        let lot = &self.stored[&id];
        let mut of_model = [0; 3];
        for coin in coins {
            of_model[usize::from(coin.taken)] += 1;
            of_model[2] += i64::from(coin.held_by.is_some());
        }
        assert_eq!([lot.remaining, lot.taken, lot.held], of_model, "{lot:?}");
        let gone = self.coins.lost.get(&id).copied().unwrap_or_default();
        assert_eq!((lot.granted, lot.expired), (lot.remaining + gone.spent + gone.expired + lot.taken, gone.expired), "I2");
        assert!(lot.held <= lot.remaining, "I3");
        let owed = if lot.origin.is_none() { self.coins.owed(id) } else { 0 };
        assert_eq!(lot.owed, owed, "I9");
    }

    fn check_changed_lots(&self) {
        for id in &self.changed {
            self.check_lot(*id, self.coins.each.iter().filter(|coin| coin.lot == *id));
        }
    }

    /// Compares all lots with the model, and those of the account with the stored ones.
    pub(super) fn check_all_lots(&self) {
        self.account.lots.iter().for_each(|lot| assert_eq!(self.stored[&lot.id], *lot));
        let mut without_coins: BTreeSet<LotId> = self.stored.keys().copied().collect();
        for coins in self.coins.each.chunk_by(|one, next| one.lot == next.lot) {
            without_coins.remove(&coins[0].lot);
            self.check_lot(coins[0].lot, coins.iter());
        }
        for id in without_coins {
            self.check_lot(id, std::iter::empty());
        }
    }
}
