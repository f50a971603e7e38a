//! What storage does after a step, and what holds then.

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
        self.stored.extend(new_lots.into_iter().map(|lot| (lot.id, lot)));
        for (id, lot) in lots {
            assert!(self.stored.insert(id, lot).is_some(), "a changed lot was new");
        }
        for lot in &self.account.lots {
            assert_eq!(self.stored[&lot.id], *lot);
        }
        self.account.lots.retain(|lot| lot.remaining > 0 || lot.owed > 0);
        let old = self.holds.len().saturating_sub(RECENT);
        let mut number = 0..;
        self.holds.retain(|hold| number.next() >= Some(old) || hold.state == HoldState::Held);
    }

    pub(super) fn check_invariants(&mut self) {
        let (account, totals) = (&self.account, self.account.totals);
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
        self.check_lots();
        assert!(!self.coins.owes_free_coins(self.now), "I9");
        let balance = account.balance_at(self.now);
        assert_eq!(balance.available, i64::try_from(self.coins.available(self.now).count()).unwrap());
        let next = self.coins.available(self.now).filter_map(|coin| coin.expires_at).min();
        assert_eq!(balance.next_expiry.map(|next| next.at), next);
    }

    /// The remaining, held and taken coins of each lot of the model.
    fn lots_of_model(&self) -> BTreeMap<LotId, [i64; 3]> {
        let mut lots = BTreeMap::new();
        for of_one_lot in self.coins.coins.chunk_by(|one, next| one.lot == next.lot) {
            let sums: &mut [i64; 3] = lots.entry(of_one_lot[0].lot).or_default();
            for coin in of_one_lot {
                sums[0] += i64::from(!coin.taken);
                sums[1] += i64::from(coin.held_by.is_some());
                sums[2] += i64::from(coin.taken);
            }
        }
        lots
    }

    fn check_lots(&self) {
        let of_model = self.lots_of_model();
        let (mut remaining, mut held, mut taken) = (0, 0, 0);
        for lot in self.stored.values() {
            let sums = of_model.get(&lot.id).copied().unwrap_or_default();
            assert_eq!([lot.remaining, lot.held, lot.taken], sums, "{lot:?}");
            let lost = self.coins.lost.get(&lot.id).copied().unwrap_or_default();
            assert_eq!((lot.granted, lot.expired), (lot.remaining + lost.spent + lost.expired + lot.taken, lost.expired), "I2");
            assert!(lot.held <= lot.remaining, "I3");
            let owed = if lot.origin.is_none() { self.coins.owed(lot.id) } else { 0 };
            assert_eq!(lot.owed, owed, "I9");
            (remaining, held, taken) = (remaining + lot.remaining, held + lot.held, taken + lot.taken);
        }
        let totals = self.account.totals;
        assert_eq!((totals.balance, totals.held, totals.clawed_back), (remaining, held, taken), "I2, I3");
    }
}
