//! The rules of the ledger, as pure functions on a locked account.
//!
//! Invariants after every operation: 0 ≤ held ≤ balance; balance = Σ entries = Σ remaining coins of the lots; `seq` has no gaps;
//! held = Σ open holds = Σ held coins of the lots; balance = issued − revenue − expired − clawed back; of each lot granted = remaining +
//! spent + expired + taken; of each group of lots owed = max(0, target − taken), and no coins are free while some are owed. An operation changes the
//! account and records its changes. Storage writes these [`Changes`] in the same transaction.

mod expiry;
mod grants;
mod holds;
#[cfg(test)]
mod properties;
mod refunds;
mod targets;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::mem::take;

use super::{Balance, CounterAccount, Entry, EntryKind, Lot, NextExpiry, Purpose, Reference};
use crate::identity::Actor;
use crate::ids::{EntryId, HoldId, LotId};
use crate::{ServiceError, Time};

/// The totals of an account: the user's, and its share of each platform account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AccountTotals {
    /// The balance, in coins.
    pub balance: i64,
    /// Coins of the balance that are held.
    pub held: i64,
    /// Sequence number of the last entry.
    pub seq: i64,
    /// All coins ever granted.
    pub issued: i64,
    /// Coins spent and not refunded.
    pub revenue: i64,
    /// Expired coins.
    pub expired: i64,
    /// Coins taken back and not restored.
    pub clawed_back: i64,
}

/// A user's account: its locked row, and the lots with remaining or owed coins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The totals.
    pub totals: AccountTotals,
    /// The lots with remaining or owed coins, and those that were included.
    pub lots: Vec<Lot>,
    changes: Changes,
}

/// Changes by operations that storage has not written yet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    /// New entries, in order.
    pub entries: Vec<Entry>,
    /// New lots.
    pub new_lots: Vec<Lot>,
    /// The current values of changed lots that are not new, by id.
    pub lots: BTreeMap<LotId, Lot>,
}

/// The fields of an entry besides its numbers.
#[derive(Debug, Clone)]
struct EntryDetails {
    purpose: Purpose,
    reference: Option<Reference>,
    hold_id: Option<HoldId>,
    lot_id: Option<LotId>,
    actor: Actor,
}

impl EntryDetails {
    /// The details of an entry without an actor and a reference.
    fn automatic(purpose: Purpose, hold_id: Option<HoldId>) -> Self {
        Self { purpose, reference: None, hold_id, lot_id: None, actor: Actor::SYSTEM }
    }
}

impl Account {
    /// An account as storage loaded it.
    #[must_use]
    pub fn new(totals: AccountTotals, lots: Vec<Lot>) -> Self {
        Self { totals, lots, changes: Changes::default() }
    }

    /// Removes and returns the changes since the last call.
    pub fn take_changes(&mut self) -> Changes {
        take(&mut self.changes)
    }

    /// The balance at `now`. Expired coins are not available, even if their entry is not written yet.
    #[must_use]
    pub fn balance_at(&self, now: Time) -> Balance {
        let available = || self.lots.iter().filter(|lot| lot.available(now) > 0);
        let next_expiry = available().filter_map(|lot| lot.expires_at).min().map(|at| {
            let amount = available().filter(|lot| lot.expires_at == Some(at)).map(Lot::free).sum();
            NextExpiry { amount, at }
        });
        let AccountTotals { balance, held, .. } = self.totals;
        Balance { balance, held, available: available().map(Lot::free).sum(), next_expiry }
    }

    fn lot(&mut self, id: LotId) -> Result<&mut Lot, ServiceError> {
        let missing = || ServiceError::bug(format!("the account was loaded without the lot {id}"));
        self.lots.iter_mut().find(|lot| lot.id == id).ok_or_else(missing)
    }

    /// Records the current values of changed lots.
    fn record_lots(&mut self, changed: impl IntoIterator<Item = LotId>) {
        let Changes { new_lots, lots, .. } = &mut self.changes;
        for id in changed {
            let Some(lot) = self.lots.iter().find(|lot| lot.id == id) else { continue };
            match new_lots.iter_mut().find(|new| new.id == id) {
                Some(new) => new.clone_from(lot),
                None => drop(lots.insert(id, lot.clone())),
            }
        }
    }

    /// Appends an entry to the ledger and updates the totals.
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
        let EntryDetails { purpose, reference, hold_id, lot_id, actor } = details;
        let (actor_id, key_id) = (actor.user, actor.key);
        let (id, seq, balance_after) = (EntryId::generate(now), totals.seq, totals.balance);
        let entry = Entry {
            id,
            seq,
            kind,
            amount,
            balance_after,
            purpose,
            reference,
            hold_id,
            lot_id,
            actor_id,
            key_id,
            created_at: now,
        };
        self.changes.entries.push(entry.clone());
        entry
    }
}
