//! Refunds of captured coins.

use chrono::TimeDelta;

use super::grants::NewLot;
use super::{Account, EntryDetails};
use crate::Time;
use crate::billing::coins::{
    Amount, CoinError, Ender, Entry, EntryKind, Hold, Lot, Purpose, RefundRefusal, Slice, Source, split,
};
use crate::ids::LotId;

/// Minimum lifetime of refunded coins, in days.
const MIN_DAYS: i64 = 7;

impl Account {
    /// Refunds captured coins, in the order in which they were spent, as a new lot for each lot in which they were granted first; without
    /// an `amount`, all that can still be refunded. `spent` are the lots that the coins were spent from. What their origins owe is taken
    /// at once. An administrator refunds any capture, the site its own. The entry names the first lot.
    ///
    /// # Errors
    /// [`RefundRefusal`], [`CoinError::NotOwnCapture`] or [`CoinError::BalanceLimitExceeded`]; the account is unchanged.
    pub fn refund(
        &mut self,
        mut hold: Hold,
        amount: Option<Amount>,
        spent: &[Lot],
        (reason, by): (Purpose, Ender),
        now: Time,
    ) -> Result<Result<(Hold, Entry), RefundRefusal>, CoinError> {
        if !by.may_refund(hold.placer) {
            return Err(CoinError::NotOwnCapture);
        }
        let left = hold.captured - hold.refunded;
        let amount = amount.map_or(left, Amount::get);
        if amount > left || amount <= 0 {
            return Ok(Err(RefundRefusal { left }));
        }
        self.check_limit(amount)?;
        let lot_id = self.add_refund_lots(&hold, amount, spent, now);
        hold.refunded += amount;
        let reference = hold.reference.clone();
        let details = EntryDetails { purpose: reason, reference, hold_id: Some(hold.id), lot_id, actor: by.actor };
        let entry = self.post(EntryKind::Refund, amount, details, now);
        self.take_owed(Purpose::owed(), Some(hold.id), now);
        Ok(Ok((hold, entry)))
    }

    /// Adds the lots of a refund. Returns the first one.
    fn add_refund_lots(&mut self, hold: &Hold, amount: i64, spent: &[Lot], now: Time) -> Option<LotId> {
        let expires_at = expiry(hold, spent, now);
        let lots = by_origin(hold, amount, spent).into_iter().map(|(origin, amount)| {
            let new = NewLot { amount, source: Source::Refund, origin, expires_at };
            self.add_lot(new, now)
        });
        lots.collect::<Vec<_>>().first().copied()
    }
}

/// The next `amount` captured coins to refund, by the lots in which they were granted first. The lot is unknown if the hold's slices are.
fn by_origin(hold: &Hold, amount: i64, spent: &[Lot]) -> Vec<(Option<LotId>, i64)> {
    let Some(captured) = hold.captured_slices() else { return vec![(None, amount)] };
    let (_, not_refunded) = split(&captured, hold.refunded);
    let mut origins: Vec<(Option<LotId>, i64)> = Vec::new();
    for Slice { lot_id, amount } in split(&not_refunded, amount).0 {
        let root = Some(spent.iter().find(|lot| lot.id == lot_id).map_or(lot_id, Lot::root));
        match origins.iter_mut().find(|(origin, _)| *origin == root) {
            Some((_, coins)) => *coins += amount,
            None => origins.push((root, amount)),
        }
    }
    origins
}

/// When refunded coins expire: with the captured lot that expires last, but not within [`MIN_DAYS`]. They never expire if one of
/// these lots never expires, or if the hold's slices are unknown.
fn expiry(hold: &Hold, spent: &[Lot], now: Time) -> Option<Time> {
    let slices = hold.captured_slices()?;
    let expiry_of = |lot_id| spent.iter().find(|lot| lot.id == lot_id)?.expires_at;
    let ends = slices.iter().map(|slice| expiry_of(slice.lot_id)).collect::<Option<Vec<Time>>>()?;
    ends.into_iter().max().map(|last| last.max(now + TimeDelta::days(MIN_DAYS)))
}
