//! The rules of the ledger, as pure functions on an account that is locked.
//!
//! What they keep, after every operation: 0 ≤ held ≤ balance; balance = Σ entries = Σ remaining of the lots; `seq` without gaps;
//! held = Σ open holds = Σ held of the lots; balance = issued − revenue − expired − clawed back. An operation changes the
//! account and remembers what it changed; storage writes that, in the same transaction.

mod expiry;
mod grants;
mod holds;
#[cfg(test)]
mod properties;
mod refunds;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::mem::take;

use super::{Balance, CounterAccount, Entry, EntryKind, Lot, NextExpiry, Purpose, Reference};
use crate::ids::{EntryId, HoldId, LotId, UserId};
use crate::{ServiceError, Time};

/// The numbers of an account: its user's, and what it adds to each of the platform's accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AccountTotals {
    /// Coins in the ledger.
    pub balance: i64,
    /// Of these, coins set aside.
    pub held: i64,
    /// Number of the last entry.
    pub seq: i64,
    /// Coins that were ever granted.
    pub issued: i64,
    /// Coins that were spent and did not come back.
    pub revenue: i64,
    /// Coins that were written off.
    pub expired: i64,
    /// Coins that were taken back.
    pub clawed_back: i64,
}

/// A user's account as its locked row and the lots that still hold coins tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its numbers.
    pub totals: AccountTotals,
    /// The lots that still hold coins.
    pub lots: Vec<Lot>,
    changes: Changes,
}

/// What operations changed and nobody has written yet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    /// New lines of the ledger, in their order.
    pub entries: Vec<Entry>,
    /// New lots.
    pub new_lots: Vec<Lot>,
    /// Lots that existed and have changed, as they are now, in the order of their ids.
    pub lots: BTreeMap<LotId, Lot>,
}

/// What an entry says besides its numbers.
#[derive(Debug, Clone)]
struct EntryDetails {
    purpose: Purpose,
    reference: Option<Reference>,
    hold_id: Option<HoldId>,
    lot_id: Option<LotId>,
    actor_id: Option<UserId>,
}

impl EntryDetails {
    /// An entry that is written by itself.
    fn by_itself(purpose: Purpose, hold_id: Option<HoldId>) -> Self {
        Self { purpose, reference: None, hold_id, lot_id: None, actor_id: None }
    }
}

impl Account {
    /// An account as storage tells it.
    #[must_use]
    pub fn new(totals: AccountTotals, lots: Vec<Lot>) -> Self {
        Self { totals, lots, changes: Changes::default() }
    }

    /// What has changed since the last call.
    pub fn changes(&mut self) -> Changes {
        take(&mut self.changes)
    }

    /// What the user has at `now`: what has expired is not available, even if its entry is not written yet.
    #[must_use]
    pub fn at(&self, now: Time) -> Balance {
        let available = || self.lots.iter().filter(|lot| lot.available(now) > 0);
        let next_expiry = available().filter_map(|lot| lot.expires_at).min().map(|at| {
            let amount = available().filter(|lot| lot.expires_at == Some(at)).map(Lot::free).sum();
            NextExpiry { amount, at }
        });
        let AccountTotals { balance, held, .. } = self.totals;
        Balance { balance, held, available: available().map(Lot::free).sum(), next_expiry }
    }

    fn lot(&mut self, id: LotId) -> Result<&mut Lot, ServiceError> {
        let missing = || ServiceError::bug(format!("a hold has coins of a lot that has none: {id}"));
        self.lots.iter_mut().find(|lot| lot.id == id).ok_or_else(missing)
    }

    /// Remembers that these lots have changed.
    fn touch(&mut self, touched: impl IntoIterator<Item = LotId>) {
        for id in touched {
            let lot = self.lots.iter().find(|lot| lot.id == id);
            self.changes.lots.extend(lot.map(|lot| (id, lot.clone())));
        }
    }

    /// Writes a line of the ledger.
    fn post(&mut self, kind: EntryKind, amount: i64, details: EntryDetails, now: Time) -> Entry {
        let totals = &mut self.totals;
        totals.balance += amount;
        totals.seq += 1;
        match kind.counter_account() {
            CounterAccount::Issued => totals.issued += amount,
            CounterAccount::Revenue => totals.revenue -= amount,
            CounterAccount::Expired => totals.expired -= amount,
            CounterAccount::ClawedBack => totals.clawed_back -= amount,
        }
        let EntryDetails { purpose, reference, hold_id, lot_id, actor_id } = details;
        let (id, seq, balance_after) = (EntryId::generate(now), totals.seq, totals.balance);
        let entry =
            Entry { id, seq, kind, amount, balance_after, purpose, reference, hold_id, lot_id, actor_id, created_at: now };
        self.changes.entries.push(entry.clone());
        entry
    }
}
