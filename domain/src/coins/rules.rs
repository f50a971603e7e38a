//! The rules of the ledger, as pure functions on an account that is locked.
//!
//! What they keep: 0 ≤ held ≤ balance; balance = Σ entries = Σ remaining of the lots; `seq` without gaps.

use super::{
    Amount, Balance, CoinError, Entry, EntryKind, Insufficient, Lot, MAX_BALANCE, NextExpiry, Purpose, Reference, Source,
};
use crate::Time;
use crate::ids::{EntryId, LotId};

/// A user's account as its locked row and the lots that still hold coins tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Coins in the ledger.
    pub balance: i64,
    /// Of these, coins set aside.
    pub held: i64,
    /// Number of the last entry.
    pub seq: i64,
    /// The lots that still hold coins.
    pub lots: Vec<Lot>,
}

/// What one operation wrote: an entry, and the lots as they are after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// The new line of the ledger.
    pub entry: Entry,
    /// The lots it made or changed.
    pub lots: Vec<Lot>,
}

/// Coins that come in.
#[derive(Debug, Clone)]
pub struct Grant {
    /// How many.
    pub amount: Amount,
    /// Where they come from.
    pub source: Source,
    /// Why.
    pub purpose: Purpose,
    /// When they expire.
    pub expires_at: Option<Time>,
}

impl Lot {
    fn expired(&self, now: Time) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }

    fn free(&self) -> i64 {
        self.remaining - self.held
    }
}

impl Account {
    /// An account that nothing has happened to.
    #[must_use]
    pub fn empty() -> Self {
        Self { balance: 0, held: 0, seq: 0, lots: Vec::new() }
    }

    /// What the user has at `now`: what has expired is not available, even if its entry is not written yet.
    #[must_use]
    pub fn at(&self, now: Time) -> Balance {
        let live = || self.lots.iter().filter(|lot| !lot.expired(now));
        let at = live().filter(|lot| lot.free() > 0).filter_map(|lot| lot.expires_at).min();
        let next_expiry = at.map(|at| {
            let amount = live().filter(|lot| lot.expires_at == Some(at)).map(Lot::free).sum();
            NextExpiry { amount, at }
        });
        Balance { balance: self.balance, held: self.held, available: live().map(Lot::free).sum(), next_expiry }
    }

    /// Writes off what has expired and is not set aside; one entry for all of it.
    pub fn expire(&mut self, now: Time) -> Option<Posting> {
        let mut lots = Vec::new();
        let mut amount = 0;
        for lot in self.lots.iter_mut().filter(|lot| lot.expired(now) && lot.free() > 0) {
            amount -= lot.free();
            lot.remaining = lot.held;
            lots.push(lot.clone());
        }
        (amount < 0).then(|| self.post(EntryKind::Expire, amount, Purpose::expiry(), None, lots, now))
    }

    /// Spends from the lots in burn order: priority, then the earliest expiry (none last), then the oldest.
    ///
    /// # Errors
    /// [`Insufficient`], with nothing changed.
    pub fn spend(
        &mut self,
        amount: Amount,
        purpose: Purpose,
        reference: Option<Reference>,
        now: Time,
    ) -> Result<Posting, Insufficient> {
        let (required, available) = (amount.get(), self.at(now).available);
        if available < required {
            return Err(Insufficient { required, available });
        }
        self.lots.sort_by_key(|lot| (lot.source.priority(), lot.expires_at.is_none(), lot.expires_at, lot.created_at, lot.id));
        let mut left = required;
        let mut lots = Vec::new();
        for lot in self.lots.iter_mut().filter(|lot| !lot.expired(now) && lot.free() > 0) {
            let slice = left.min(lot.free());
            if slice == 0 {
                break;
            }
            lot.remaining -= slice;
            left -= slice;
            lots.push(lot.clone());
        }
        Ok(self.post(EntryKind::Capture, -required, purpose, reference, lots, now))
    }

    /// Takes coins in as a new lot.
    ///
    /// # Errors
    /// [`CoinError::TooRich`], with nothing changed.
    pub fn grant(&mut self, grant: Grant, now: Time) -> Result<Posting, CoinError> {
        let amount = grant.amount.get();
        if self.balance + amount > MAX_BALANCE {
            return Err(CoinError::TooRich);
        }
        let lot = Lot {
            id: LotId::generate(now),
            source: grant.source,
            granted: amount,
            remaining: amount,
            held: 0,
            created_at: now,
            expires_at: grant.expires_at,
        };
        self.lots.push(lot.clone());
        Ok(self.post(EntryKind::Grant, amount, grant.purpose, None, vec![lot], now))
    }

    fn post(
        &mut self,
        kind: EntryKind,
        amount: i64,
        purpose: Purpose,
        reference: Option<Reference>,
        lots: Vec<Lot>,
        now: Time,
    ) -> Posting {
        self.balance += amount;
        self.seq += 1;
        let (seq, balance_after) = (self.seq, self.balance);
        let entry = Entry { id: EntryId::generate(now), seq, kind, amount, balance_after, purpose, reference, created_at: now };
        Posting { entry, lots }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> Time {
        Time::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    fn grant(amount: i64, source: Source, expires: Option<i64>) -> Grant {
        let purpose = Purpose::parse("test").unwrap();
        Grant { amount: Amount::try_from(amount).unwrap(), source, purpose, expires_at: expires.map(at) }
    }

    fn spend(account: &mut Account, amount: i64, now: i64) -> Result<Posting, Insufficient> {
        account.spend(Amount::try_from(amount).unwrap(), Purpose::parse("test").unwrap(), None, at(now))
    }

    fn holds_together(account: &Account) {
        assert!(0 <= account.held && account.held <= account.balance, "{account:?}");
        assert_eq!(account.balance, account.lots.iter().map(|lot| lot.remaining).sum::<i64>());
        assert!(account.lots.iter().all(|lot| 0 <= lot.held && lot.held <= lot.remaining && lot.remaining <= lot.granted));
    }

    #[test]
    fn coins_burn_by_priority_then_expiry_then_age() {
        let mut account = Account::empty();
        for (amount, source, expires) in [
            (5, Source::Subscription, Some(50)),
            (5, Source::Admin, None),
            (5, Source::Trial, Some(90)),
            (5, Source::Trial, Some(60)),
        ] {
            account.grant(grant(amount, source, expires), at(0)).unwrap();
        }
        let taken: Vec<_> =
            spend(&mut account, 17, 1).unwrap().lots.iter().map(|lot| (lot.source, lot.expires_at, lot.remaining)).collect();
        let expected = [
            (Source::Trial, Some(at(60)), 0),
            (Source::Trial, Some(at(90)), 0),
            (Source::Admin, None, 0),
            (Source::Subscription, Some(at(50)), 3),
        ];
        assert_eq!(taken, expected);
    }

    #[test]
    fn what_has_expired_cannot_be_spent_even_before_it_is_written_off() {
        let mut account = Account::empty();
        account.grant(grant(5, Source::Trial, Some(10)), at(0)).unwrap();
        assert_eq!(account.at(at(9)).next_expiry, Some(NextExpiry { amount: 5, at: at(10) }));
        assert_eq!(spend(&mut account, 1, 10), Err(Insufficient { required: 1, available: 0 }));
        assert_eq!(account.at(at(10)).balance, 5);
        assert_eq!(account.expire(at(10)).unwrap().entry.amount, -5);
        assert_eq!((account.balance, account.expire(at(10))), (0, None));
    }

    #[test]
    fn an_account_takes_no_more_than_it_can_hold() {
        let mut account = Account { balance: MAX_BALANCE, ..Account::empty() };
        assert!(matches!(account.grant(grant(1, Source::Admin, None), at(0)), Err(CoinError::TooRich)));
    }

    #[derive(Debug, Clone)]
    enum Step {
        Grant(i64, Option<i64>),
        Spend(i64),
        Expire,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            (1..100i64, prop::option::of(0..200i64)).prop_map(|(amount, expires)| Step::Grant(amount, expires)),
            (1..150i64).prop_map(Step::Spend),
            Just(Step::Expire),
        ];
        prop::collection::vec(step, 0..60)
    }

    proptest! {
        #[test]
        fn any_history_leaves_books_that_balance(steps in steps()) {
            let mut account = Account::empty();
            let mut entries: Vec<Entry> = Vec::new();
            for (now, step) in (0..).zip(steps) {
                let available = account.at(at(now)).available;
                let posting = match step {
                    Step::Grant(amount, expires) => account.grant(grant(amount, Source::Admin, expires), at(now)).ok(),
                    Step::Expire => account.expire(at(now)),
                    Step::Spend(amount) => {
                        let outcome = spend(&mut account, amount, now);
                        prop_assert_eq!(outcome.is_ok(), amount <= available);
                        outcome.ok()
                    }
                };
                entries.extend(posting.map(|posting| posting.entry));
                holds_together(&account);
                prop_assert!(account.at(at(now)).available <= account.balance);
            }
            let mut balance = 0;
            for (seq, entry) in (1..).zip(&entries) {
                balance += entry.amount;
                prop_assert_eq!((entry.seq, entry.balance_after), (seq, balance));
            }
            prop_assert_eq!((account.seq, account.balance), (i64::try_from(entries.len()).unwrap(), balance));
        }
    }
}
