//! Refunds of captured coins.

use chrono::TimeDelta;

use super::{Account, EntryDetails};
use crate::Time;
use crate::billing::coins::{
    Amount, CoinError, Ender, Entry, EntryKind, Grant, Hold, Lot, Purpose, RefundRefusal, Slice, Source,
};

/// Minimum lifetime of refunded coins, in days.
const MIN_DAYS: i64 = 7;

impl Account {
    /// Refunds captured coins as a new lot; without an `amount`, all that can still be refunded. `origins` are the lots that the
    /// coins came from. Coins of a revoked lot are not refunded. An administrator refunds any capture, the site its own.
    ///
    /// # Errors
    /// [`RefundRefusal`], [`CoinError::NotOwnCapture`] or [`CoinError::BalanceLimitExceeded`]; the account is unchanged.
    pub fn refund(
        &mut self,
        mut hold: Hold,
        amount: Option<Amount>,
        origins: &[Lot],
        (reason, by): (Purpose, Ender),
        now: Time,
    ) -> Result<Result<(Hold, Entry), RefundRefusal>, CoinError> {
        if !by.may_refund(hold.placer) {
            return Err(CoinError::NotOwnCapture);
        }
        let left = (hold.captured - revoked_coins(&hold, origins) - hold.refunded).max(0);
        let wanted = amount.map_or(left, Amount::get);
        let Some(amount) = Amount::try_from(wanted).ok().filter(|_| wanted <= left) else {
            return Ok(Err(RefundRefusal { left }));
        };
        let expires_at = expiry(&hold, origins, now);
        let lot = self.add_lot(&Grant { amount, source: Source::Refund, purpose: reason.clone(), expires_at }, now)?;
        hold.refunded += wanted;
        let reference = hold.reference.clone();
        let details = EntryDetails { purpose: reason, reference, hold_id: Some(hold.id), lot_id: Some(lot), actor: by.actor };
        let entry = self.post(EntryKind::Refund, wanted, details, now);
        Ok(Ok((hold, entry)))
    }
}

/// Captured coins whose lot has been revoked.
fn revoked_coins(hold: &Hold, origins: &[Lot]) -> i64 {
    let revoked = |slice: &&Slice| origins.iter().any(|lot| lot.id == slice.lot_id && lot.revoked_at.is_some());
    hold.captured_slices().iter().flatten().filter(revoked).map(|slice| slice.amount).sum()
}

/// When refunded coins expire: with the captured lot that expires last, but not within [`MIN_DAYS`]. They never expire if one of
/// these lots never expires, or if the hold's slices are unknown.
fn expiry(hold: &Hold, origins: &[Lot], now: Time) -> Option<Time> {
    let slices = hold.captured_slices()?;
    let expiry_of = |lot_id| origins.iter().find(|lot| lot.id == lot_id)?.expires_at;
    let ends = slices.iter().map(|slice| expiry_of(slice.lot_id)).collect::<Option<Vec<Time>>>()?;
    ends.into_iter().max().map(|last| last.max(now + TimeDelta::days(MIN_DAYS)))
}
