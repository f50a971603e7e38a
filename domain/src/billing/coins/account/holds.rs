//! Holds: creation, capture, void and release.

use super::{Account, EntryDetails};
use crate::billing::coins::{
    Amount, Ender, Entry, EntryKind, Hold, HoldPlacer, HoldRefusal, HoldState, HoldTime, Insufficient, NewHold, Purpose, Slice,
    Spend, split,
};
use crate::identity::Placement;
use crate::ids::{HoldId, LotId};
use crate::{ServiceError, Time};

impl Account {
    /// Holds coins, from the lots in spending order: by priority, then by expiry (lots that never expire last), then by age.
    ///
    /// # Errors
    /// [`Insufficient`]; the account is unchanged.
    pub fn hold(&mut self, command: NewHold, placer: HoldPlacer, now: Time) -> Result<Hold, Insufficient> {
        let NewHold { amount, purpose, reference, expires_in } = command;
        let slices = self.select_slices(amount.get(), now)?;
        for slice in &slices {
            self.lots.iter_mut().filter(|lot| lot.id == slice.lot_id).for_each(|lot| lot.held += slice.amount);
        }
        self.totals.held += amount.get();
        self.record_lots(slices.iter().map(|slice| slice.lot_id));
        Ok(Hold {
            id: HoldId::generate(now),
            state: HoldState::Held,
            placer,
            amount: amount.get(),
            captured: 0,
            refunded: 0,
            purpose,
            reference,
            slices: Some(slices),
            created_at: now,
            expires_at: expires_in.expiry(now),
        })
    }

    /// Captures coins of a hold, in spending order, and releases the rest. Coins that expired while they were held can be captured.
    /// Only the hold's placer or an administrator may.
    ///
    /// # Errors
    /// [`HoldRefusal`], and the account is unchanged; [`ServiceError::Bug`] when the hold's lots do not have its coins.
    pub fn capture(
        &mut self,
        mut hold: Hold,
        amount: Amount,
        by: Ender,
        now: Time,
    ) -> Result<Result<(Hold, Entry), HoldRefusal>, ServiceError> {
        let amount = amount.get();
        if let Err(refusal) = by.check_end(hold.placer) {
            return Ok(Err(refusal));
        }
        match hold.state_at(now) {
            HoldState::Held if amount > hold.amount => return Ok(Err(HoldRefusal::TooMuch(hold.amount))),
            HoldState::Held => {}
            ended => return Ok(Err(HoldRefusal::Finished(ended))),
        }
        let (purpose, reference) = (hold.purpose.clone(), hold.reference.clone());
        let details = EntryDetails { purpose, reference, hold_id: Some(hold.id), lot_id: None, actor: by.actor };
        for Slice { lot_id, amount } in split(slices_of(&hold)?, amount).0 {
            let lot = self.lot(lot_id)?;
            (lot.remaining, lot.held) = (lot.remaining - amount, lot.held - amount);
        }
        let entry = self.post(EntryKind::Capture, -amount, details, now);
        self.totals.held -= amount;
        self.release_uncaptured(&hold, amount, now)?;
        (hold.state, hold.captured) = (HoldState::Captured, amount);
        Ok(Ok((hold, entry)))
    }

    /// Voids a hold and releases all its coins. Only the hold's placer or an administrator may.
    ///
    /// # Errors
    /// [`HoldRefusal::NotPlacer`] or [`HoldRefusal::Finished`], and the account is unchanged; [`ServiceError::Bug`] when the hold's lots do not have its coins.
    pub fn void(&mut self, mut hold: Hold, by: Ender, now: Time) -> Result<Result<Hold, HoldRefusal>, ServiceError> {
        if let Err(refusal) = by.check_end(hold.placer) {
            return Ok(Err(refusal));
        }
        let state = hold.state_at(now);
        if state != HoldState::Held {
            return Ok(Err(HoldRefusal::Finished(state)));
        }
        self.release_uncaptured(&hold, 0, now)?;
        hold.state = HoldState::Voided;
        Ok(Ok(hold))
    }

    /// Spends coins at once: holds and captures them, so that a refund finds a hold.
    ///
    /// # Errors
    /// [`Insufficient`], and the account is unchanged; [`ServiceError::Bug`] when the lots contradict the totals.
    pub fn spend(
        &mut self,
        command: Spend,
        by: &Placement,
        now: Time,
    ) -> Result<Result<(Hold, Entry), Insufficient>, ServiceError> {
        let Spend { amount, purpose, reference } = command;
        let command = NewHold { amount, purpose, reference, expires_in: HoldTime::DEFAULT };
        let hold = match self.hold(command, by.placer.into(), now) {
            Ok(hold) => hold,
            Err(insufficient) => return Ok(Err(insufficient)),
        };
        self.capture(hold, amount, Ender::of(by), now)?.map(Ok).map_err(ServiceError::bug)
    }

    /// Selects the slices for `required` coins, in spending order.
    fn select_slices(&mut self, required: i64, now: Time) -> Result<Vec<Slice>, Insufficient> {
        let available = self.balance_at(now).available;
        if available < required {
            return Err(Insufficient { required, available });
        }
        self.lots.sort_by_key(|lot| (lot.source.priority(), lot.expires_at.is_none(), lot.expires_at, lot.created_at, lot.id));
        let usable = self.lots.iter().filter(|lot| lot.available(now) > 0);
        let usable: Vec<Slice> = usable.map(|lot| Slice { lot_id: lot.id, amount: lot.free() }).collect();
        Ok(split(&usable, required).0)
    }

    /// Releases the coins of a hold that were not captured. Coins released to an expired lot are written off at once. Of the others,
    /// what their origins owe is taken at once.
    pub(super) fn release_uncaptured(&mut self, hold: &Hold, captured: i64, now: Time) -> Result<(), ServiceError> {
        let mut expired = 0;
        let (_, rest) = split(slices_of(hold)?, captured);
        for Slice { lot_id, amount } in rest {
            let lot = self.lot(lot_id)?;
            lot.held -= amount;
            if lot.has_expired(now) {
                lot.write_off(amount);
                expired += amount;
            }
        }
        self.totals.held -= hold.amount - captured;
        let changed: Vec<LotId> = slices_of(hold)?.iter().map(|slice| slice.lot_id).collect();
        self.record_lots(changed);
        if expired > 0 {
            self.post(EntryKind::Expire, -expired, EntryDetails::automatic(Purpose::expiry(), Some(hold.id)), now);
        }
        self.take_owed(Purpose::owed(), Some(hold.id), now);
        Ok(())
    }
}

fn slices_of(hold: &Hold) -> Result<&[Slice], ServiceError> {
    hold.slices.as_deref().ok_or_else(|| ServiceError::bug(format!("a hold has no slices: {}", hold.id)))
}
