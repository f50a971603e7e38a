//! Grants and clawbacks.

use super::{Account, EntryDetails};
use crate::Time;
use crate::billing::coins::{CoinError, Entry, EntryKind, Grant, Lot, MAX_BALANCE, Purpose};
use crate::identity::Actor;
use crate::ids::LotId;

impl Account {
    /// Grants coins as a new lot, the last of `lots`.
    ///
    /// # Errors
    /// [`CoinError::BalanceLimitExceeded`]; the account is unchanged.
    pub fn grant(&mut self, grant: Grant, by: Actor, now: Time) -> Result<Entry, CoinError> {
        let Grant { purpose, .. } = grant.clone();
        let lot_id = self.add_lot(&grant, now)?;
        let details = EntryDetails { lot_id: Some(lot_id), actor: by, ..EntryDetails::automatic(purpose, None) };
        Ok(self.post(EntryKind::Grant, grant.amount.get(), details, now))
    }

    /// Adds a lot. The caller must append its entry.
    pub(super) fn add_lot(&mut self, grant: &Grant, now: Time) -> Result<LotId, CoinError> {
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

    /// Revokes a lot and claws back its remaining coins that are not held, so the balance cannot become negative. Held coins can
    /// still be captured; coins released to the lot are clawed back at once. `None` if the lot is unknown or nothing was clawed back.
    pub fn claw_back(&mut self, id: LotId, purpose: Purpose, now: Time) -> Option<Entry> {
        let lot = self.lots.iter_mut().find(|lot| lot.id == id)?;
        let free = lot.free();
        lot.remaining -= free;
        lot.revoked_at.get_or_insert(now);
        self.record_lots([id]);
        (free > 0).then(|| self.post(EntryKind::Clawback, -free, EntryDetails::automatic(purpose, None), now))
    }
}
