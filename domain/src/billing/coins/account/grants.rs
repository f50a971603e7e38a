//! Grants.

use super::{Account, EntryDetails};
use crate::Time;
use crate::billing::coins::{CoinError, Entry, EntryKind, Grant, Lot, MAX_BALANCE, Purpose, Source};
use crate::identity::Actor;
use crate::ids::LotId;

/// Coins of a new lot.
pub(super) struct NewLot {
    pub(super) amount: i64,
    pub(super) source: Source,
    pub(super) origin: Option<LotId>,
    pub(super) expires_at: Option<Time>,
}

impl Account {
    /// Grants coins as a new lot, the last of `lots`. What their origin owes is taken at once.
    ///
    /// # Errors
    /// [`CoinError::BalanceLimitExceeded`]; the account is unchanged.
    pub fn grant(&mut self, grant: Grant, by: Actor, now: Time) -> Result<Entry, CoinError> {
        let Grant { amount, source, origin, purpose, expires_at } = grant;
        let amount = amount.get();
        self.check_limit(amount)?;
        let lot_id = Some(self.add_lot(NewLot { amount, source, origin, expires_at }, now));
        let details = EntryDetails { lot_id, actor: by, ..EntryDetails::automatic(purpose, None) };
        let entry = self.post(EntryKind::Grant, amount, details, now);
        self.take_owed(Purpose::owed(), None, now);
        Ok(entry)
    }

    /// Checks that the account can take so many coins more.
    pub(super) fn check_limit(&self, amount: i64) -> Result<(), CoinError> {
        if self.totals.balance + amount > MAX_BALANCE { Err(CoinError::BalanceLimitExceeded) } else { Ok(()) }
    }

    /// Adds a lot. The caller must check the limit and append its entry.
    pub(super) fn add_lot(&mut self, new: NewLot, now: Time) -> LotId {
        let NewLot { amount, source, origin, expires_at } = new;
        let id = LotId::generate(now);
        let lot = Lot {
            id,
            source,
            granted: amount,
            remaining: amount,
            held: 0,
            expired: 0,
            taken: 0,
            target: 0,
            owed: 0,
            origin,
            created_at: now,
            expires_at,
        };
        self.changes.new_lots.push(lot.clone());
        self.lots.push(lot);
        id
    }
}
