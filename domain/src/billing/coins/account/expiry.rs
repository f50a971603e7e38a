//! What ends with time: lots, and holds that nobody ended.

use super::{Account, EntryDetails};
use crate::billing::coins::{EntryKind, Hold, HoldState, Lot, Purpose};
use crate::ids::LotId;
use crate::{ServiceError, Time};

impl Account {
    /// Writes off what has expired and is not set aside; one entry for all of it.
    pub fn expire(&mut self, now: Time) {
        let mut amount = 0;
        let mut touched: Vec<LotId> = Vec::new();
        for lot in self.lots.iter_mut().filter(|lot| lot.has_expired(now) && lot.free() > 0) {
            amount += lot.free();
            lot.write_off(lot.free());
            touched.push(lot.id);
        }
        self.touch(touched);
        if amount > 0 {
            self.post(EntryKind::Expire, -amount, EntryDetails::by_itself(Purpose::expiry(), None), now);
        }
    }

    /// Ends a hold whose time is over: its coins return.
    ///
    /// # Errors
    /// [`ServiceError::Bug`] when its coins are not where it says.
    pub fn release(&mut self, mut hold: Hold, now: Time) -> Result<Hold, ServiceError> {
        if hold.state == HoldState::Held && hold.state_at(now) == HoldState::Expired {
            self.give_back(&hold, 0, now)?;
            hold.state = HoldState::Expired;
        }
        Ok(hold)
    }
}

impl Lot {
    /// Removes coins that have expired.
    pub(super) fn write_off(&mut self, coins: i64) {
        self.remaining -= coins;
        self.expired += coins;
    }
}
