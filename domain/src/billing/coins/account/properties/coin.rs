//! A reference model of the ledger that stores single coins.

use crate::Time;
use crate::billing::coins::Lot;
use crate::ids::{HoldId, LotId};

/// One coin of the model, and the hold that holds it.
#[derive(Debug, Clone)]
pub(super) struct Coin {
    pub(super) lot: LotId,
    order: (i32, bool, Option<Time>, Time, LotId),
    pub(super) expires_at: Option<Time>,
    revoked: bool,
    pub(super) held_by: Option<HoldId>,
}

/// The model: all coins in spending order.
#[derive(Debug, Default)]
pub(super) struct Coins(pub(super) Vec<Coin>);

impl Coins {
    pub(super) fn add(&mut self, lot: &Lot) {
        let expires_at = lot.expires_at;
        let order = (lot.source.priority(), expires_at.is_none(), expires_at, lot.created_at, lot.id);
        let place = self.0.iter().position(|coin| coin.order > order).unwrap_or(self.0.len());
        for _ in 0..lot.granted {
            self.0.insert(place, Coin { lot: lot.id, order, expires_at, revoked: false, held_by: None });
        }
    }

    pub(super) fn available(&mut self, now: Time) -> impl Iterator<Item = &mut Coin> {
        self.0
            .iter_mut()
            .filter(move |coin| coin.held_by.is_none() && !coin.revoked && coin.expires_at.is_none_or(|end| now < end))
    }

    pub(super) fn hold(&mut self, id: HoldId, count: usize, now: Time) -> bool {
        let enough = self.available(now).count() >= count;
        self.available(now).take(if enough { count } else { 0 }).for_each(|coin| coin.held_by = Some(id));
        enough
    }

    /// Finishes a hold: removes its first `captured` coins and releases the others, except expired and revoked ones, which it removes.
    pub(super) fn finish_hold(&mut self, id: HoldId, mut captured: usize, now: Time) {
        self.0.retain_mut(|coin| {
            if coin.held_by != Some(id) {
                return true;
            }
            coin.held_by = None;
            let spent = captured > 0;
            captured = captured.saturating_sub(1);
            !spent && !coin.revoked && coin.expires_at.is_none_or(|end| now < end)
        });
    }

    pub(super) fn expire(&mut self, now: Time) {
        self.0.retain(|coin| coin.held_by.is_some() || coin.expires_at.is_none_or(|end| now < end));
    }

    pub(super) fn revoke(&mut self, lot: LotId) {
        self.0.retain_mut(|coin| {
            coin.revoked |= coin.lot == lot;
            coin.lot != lot || coin.held_by.is_some()
        });
    }
}
