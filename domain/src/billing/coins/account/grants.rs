//! Coins that come in, and coins that are taken back.

use super::{Account, EntryDetails};
use crate::Time;
use crate::billing::coins::{CoinError, Entry, EntryKind, Grant, Lot, MAX_BALANCE, Purpose};
use crate::ids::{LotId, UserId};

impl Account {
    /// Adds coins as a new lot, which is the last one.
    ///
    /// # Errors
    /// [`CoinError::BalanceLimitExceeded`], with nothing changed.
    pub fn grant(&mut self, grant: Grant, by: Option<UserId>, now: Time) -> Result<Entry, CoinError> {
        let Grant { purpose, .. } = grant.clone();
        let lot_id = self.take_in(&grant, now)?;
        let details = EntryDetails { lot_id: Some(lot_id), actor_id: by, ..EntryDetails::by_itself(purpose, None) };
        Ok(self.post(EntryKind::Grant, grant.amount.get(), details, now))
    }

    /// Makes a lot, which an entry has to follow.
    pub(super) fn take_in(&mut self, grant: &Grant, now: Time) -> Result<LotId, CoinError> {
        let amount = grant.amount.get();
        if self.totals.balance + amount > MAX_BALANCE {
            return Err(CoinError::BalanceLimitExceeded);
        }
        let lot = Lot {
            id: LotId::generate(now),
            source: grant.source,
            granted: amount,
            remaining: amount,
            held: 0,
            expired: 0,
            created_at: now,
            expires_at: grant.expires_at,
            revoked_at: None,
        };
        self.changes.new_lots.push(lot.clone());
        let id = lot.id;
        self.lots.push(lot);
        Ok(id)
    }

    /// Takes back what is left of a lot and not set aside; never more, so that the balance stays above zero. From then on
    /// nothing of the lot can be spent but what is set aside, and what returns to it is taken back at once.
    pub fn claw_back(&mut self, id: LotId, purpose: Purpose, now: Time) -> Option<Entry> {
        let lot = self.lots.iter_mut().find(|lot| lot.id == id)?;
        let free = lot.free();
        lot.remaining -= free;
        lot.revoked_at.get_or_insert(now);
        self.touch([id]);
        (free > 0).then(|| self.post(EntryKind::Clawback, -free, EntryDetails::by_itself(purpose, None), now))
    }
}
