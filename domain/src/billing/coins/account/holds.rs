//! Coins that are set aside, spent and returned.

use super::{Account, EntryDetails};
use crate::billing::coins::{
    Amount, Entry, EntryKind, Hold, HoldRefusal, HoldState, HoldTime, Insufficient, NewHold, Purpose, Slice, Spend, split,
};
use crate::ids::{HoldId, LotId, UserId};
use crate::{ServiceError, Time};

impl Account {
    /// Sets coins aside, from the lots in burn order: priority, then the earliest expiry (none last), then the oldest.
    ///
    /// # Errors
    /// [`Insufficient`], with nothing changed.
    pub fn hold(&mut self, wish: NewHold, now: Time) -> Result<Hold, Insufficient> {
        let NewHold { amount, purpose, reference, expires_in } = wish;
        let slices = self.burn(amount.get(), now)?;
        for slice in &slices {
            self.lots.iter_mut().filter(|lot| lot.id == slice.lot_id).for_each(|lot| lot.held += slice.amount);
        }
        self.totals.held += amount.get();
        self.touch(slices.iter().map(|slice| slice.lot_id));
        Ok(Hold {
            id: HoldId::generate(now),
            state: HoldState::Held,
            amount: amount.get(),
            captured: 0,
            refunded: 0,
            purpose,
            reference,
            slices: Some(slices),
            created_at: now,
            expires_at: expires_in.from(now),
        })
    }

    /// Spends coins that a hold set aside, those first that come first in burn order; the rest returns. Coins that expired
    /// while they were set aside can be spent all the same.
    ///
    /// # Errors
    /// [`HoldRefusal`], with nothing changed; [`ServiceError::Bug`] when the coins are not where the hold says.
    pub fn capture(
        &mut self,
        mut hold: Hold,
        amount: Amount,
        by: UserId,
        now: Time,
    ) -> Result<Result<(Hold, Entry), HoldRefusal>, ServiceError> {
        let amount = amount.get();
        match hold.state_at(now) {
            HoldState::Held if amount > hold.amount => return Ok(Err(HoldRefusal::TooMuch(hold.amount))),
            HoldState::Held => {}
            ended => return Ok(Err(HoldRefusal::Finished(ended))),
        }
        let (purpose, reference) = (hold.purpose.clone(), hold.reference.clone());
        let details = EntryDetails { purpose, reference, hold_id: Some(hold.id), lot_id: None, actor_id: Some(by) };
        for Slice { lot_id, amount } in split(slices_of(&hold)?, amount).0 {
            let lot = self.lot(lot_id)?;
            (lot.remaining, lot.held) = (lot.remaining - amount, lot.held - amount);
        }
        let entry = self.post(EntryKind::Capture, -amount, details, now);
        self.totals.held -= amount;
        self.give_back(&hold, amount, now)?;
        (hold.state, hold.captured) = (HoldState::Captured, amount);
        Ok(Ok((hold, entry)))
    }

    /// Ends a hold without spending any of it.
    ///
    /// # Errors
    /// [`HoldRefusal::Finished`], with nothing changed; [`ServiceError::Bug`] when the coins are not where the hold says.
    pub fn void(&mut self, mut hold: Hold, now: Time) -> Result<Result<Hold, HoldRefusal>, ServiceError> {
        let state = hold.state_at(now);
        if state != HoldState::Held {
            return Ok(Err(HoldRefusal::Finished(state)));
        }
        self.give_back(&hold, 0, now)?;
        hold.state = HoldState::Voided;
        Ok(Ok(hold))
    }

    /// Spends coins at once: sets them aside and captures them, so that a refund finds a hold like any other.
    ///
    /// # Errors
    /// [`Insufficient`], with nothing changed; [`ServiceError::Bug`] when the lots are not what the account says.
    pub fn spend(&mut self, wish: Spend, by: UserId, now: Time) -> Result<Result<(Hold, Entry), Insufficient>, ServiceError> {
        let Spend { amount, purpose, reference } = wish;
        let hold = match self.hold(NewHold { amount, purpose, reference, expires_in: HoldTime::DEFAULT }, now) {
            Ok(hold) => hold,
            Err(insufficient) => return Ok(Err(insufficient)),
        };
        self.capture(hold, amount, by, now)?.map(Ok).map_err(ServiceError::bug)
    }

    /// Where the next coins come from.
    fn burn(&mut self, required: i64, now: Time) -> Result<Vec<Slice>, Insufficient> {
        let available = self.at(now).available;
        if available < required {
            return Err(Insufficient { required, available });
        }
        self.lots.sort_by_key(|lot| (lot.source.priority(), lot.expires_at.is_none(), lot.expires_at, lot.created_at, lot.id));
        let usable = self.lots.iter().filter(|lot| lot.available(now) > 0);
        let usable: Vec<Slice> = usable.map(|lot| Slice { lot_id: lot.id, amount: lot.free() }).collect();
        Ok(split(&usable, required).0)
    }

    /// Gives back what was not captured. What returns to a lot that has expired expires, what returns to a revoked one is taken
    /// back, both at once.
    pub(super) fn give_back(&mut self, hold: &Hold, captured: i64, now: Time) -> Result<(), ServiceError> {
        let (mut expired, mut revoked) = (0, 0);
        let (_, rest) = split(slices_of(hold)?, captured);
        for Slice { lot_id, amount } in rest {
            let lot = self.lot(lot_id)?;
            lot.held -= amount;
            if lot.revoked_at.is_some() {
                lot.remaining -= amount;
                revoked += amount;
            } else if lot.has_expired(now) {
                lot.write_off(amount);
                expired += amount;
            }
        }
        self.totals.held -= hold.amount - captured;
        let touched: Vec<LotId> = slices_of(hold)?.iter().map(|slice| slice.lot_id).collect();
        self.touch(touched);
        for (kind, amount, purpose) in
            [(EntryKind::Expire, expired, Purpose::expiry()), (EntryKind::Clawback, revoked, Purpose::revocation())]
        {
            if amount > 0 {
                self.post(kind, -amount, EntryDetails::by_itself(purpose, Some(hold.id)), now);
            }
        }
        Ok(())
    }
}

fn slices_of(hold: &Hold) -> Result<&[Slice], ServiceError> {
    hold.slices
        .as_deref()
        .ok_or_else(|| ServiceError::bug(format!("nobody knows where the coins of a hold came from: {}", hold.id)))
}
