//! Spent coins that come back.

use chrono::TimeDelta;

use super::{Account, EntryDetails};
use crate::Time;
use crate::billing::coins::{Amount, CoinError, Entry, EntryKind, Grant, Hold, Lot, Purpose, RefundRefusal, Slice, Source};
use crate::ids::UserId;

/// How many days coins that came back can be spent at least.
const DAYS: i64 = 7;

impl Account {
    /// Gives captured coins back as a new lot; all that have not come back yet if `amount` does not say. `origins` are the
    /// lots that they came from: of one that was revoked nothing comes back.
    ///
    /// # Errors
    /// [`RefundRefusal`] or [`CoinError::BalanceLimitExceeded`], with nothing changed.
    pub fn refund(
        &mut self,
        mut hold: Hold,
        amount: Option<Amount>,
        origins: &[Lot],
        (reason, by): (Purpose, UserId),
        now: Time,
    ) -> Result<Result<(Hold, Entry), RefundRefusal>, CoinError> {
        let left = (hold.captured - revoked(&hold, origins) - hold.refunded).max(0);
        let wanted = amount.map_or(left, Amount::get);
        let Some(amount) = Amount::try_from(wanted).ok().filter(|_| wanted <= left) else {
            return Ok(Err(RefundRefusal { left }));
        };
        let expires_at = expiry(&hold, origins, now);
        let lot = self.take_in(&Grant { amount, source: Source::Refund, purpose: reason.clone(), expires_at }, now)?;
        hold.refunded += wanted;
        let reference = hold.reference.clone();
        let details = EntryDetails { purpose: reason, reference, hold_id: Some(hold.id), lot_id: Some(lot), actor_id: Some(by) };
        let entry = self.post(EntryKind::Refund, wanted, details, now);
        Ok(Ok((hold, entry)))
    }
}

/// How many of the captured coins are of lots that were revoked since.
fn revoked(hold: &Hold, origins: &[Lot]) -> i64 {
    let revoked = |slice: &&Slice| origins.iter().any(|lot| lot.id == slice.lot_id && lot.revoked_at.is_some());
    hold.captured_slices().iter().flatten().filter(revoked).map(|slice| slice.amount).sum()
}

/// When coins that come back expire: as the last of those that were captured would have, and not within a week. They never do if any of
/// those never did, or if nobody knows which they were.
fn expiry(hold: &Hold, origins: &[Lot], now: Time) -> Option<Time> {
    let slices = hold.captured_slices()?;
    let expiry_of = |lot_id| origins.iter().find(|lot| lot.id == lot_id)?.expires_at;
    let ends = slices.iter().map(|slice| expiry_of(slice.lot_id)).collect::<Option<Vec<Time>>>()?;
    ends.into_iter().max().map(|last| last.max(now + TimeDelta::days(DAYS)))
}
