//! Expiry of lots and of open holds.

use super::{Account, EntryDetails};
use crate::billing::coins::{EntryKind, Hold, HoldState, Lot, Purpose};
use crate::ids::LotId;
use crate::{ServiceError, Time};

impl Account {
    /// Writes off expired coins that are not held, in one entry.
    pub fn expire(&mut self, now: Time) {
        self.write_off(|lot| lot.has_expired(now), Purpose::expiry(), now);
    }

    /// Writes off all coins of a deleted account that are not held, in one entry.
    pub fn close(&mut self, now: Time) {
        self.write_off(|_| true, Purpose::deletion(), now);
    }

    fn write_off(&mut self, ends: impl Fn(&Lot) -> bool, purpose: Purpose, now: Time) {
        let mut amount = 0;
        let mut changed: Vec<LotId> = Vec::new();
        for lot in self.lots.iter_mut().filter(|lot| ends(lot) && lot.free() > 0) {
            amount += lot.free();
            lot.write_off(lot.free());
            changed.push(lot.id);
        }
        self.record_lots(changed);
        if amount > 0 {
            self.post(EntryKind::Expire, -amount, EntryDetails::automatic(purpose, None), now);
        }
    }

    /// Releases an open hold that has expired; any other hold is returned unchanged.
    ///
    /// # Errors
    /// [`ServiceError::Bug`] when the hold's lots do not have its coins.
    pub fn release(&mut self, mut hold: Hold, now: Time) -> Result<Hold, ServiceError> {
        if hold.state == HoldState::Held && hold.state_at(now) == HoldState::Expired {
            self.release_uncaptured(&hold, 0, now)?;
            hold.state = HoldState::Expired;
        }
        Ok(hold)
    }
}

impl Lot {
    /// Moves `coins` from the remaining to the expired coins.
    pub(super) fn write_off(&mut self, coins: i64) {
        self.remaining -= coins;
        self.expired += coins;
    }
}
