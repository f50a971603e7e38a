//! Another ledger, which knows each coin by itself.

use crate::Time;
use crate::billing::coins::Lot;
use crate::ids::{HoldId, LotId};

/// One coin of the other ledger, and the hold that set it aside.
#[derive(Debug, Clone)]
pub(super) struct Coin {
    pub(super) lot: LotId,
    burn: (i32, bool, Option<Time>, Time, LotId),
    pub(super) expires_at: Option<Time>,
    revoked: bool,
    pub(super) held_by: Option<HoldId>,
}

/// The other ledger: coins in a row, in the order in which they burn.
#[derive(Debug, Default)]
pub(super) struct Coins(pub(super) Vec<Coin>);

impl Coins {
    pub(super) fn add(&mut self, lot: &Lot) {
        let expires_at = lot.expires_at;
        let burn = (lot.source.priority(), expires_at.is_none(), expires_at, lot.created_at, lot.id);
        let place = self.0.iter().position(|coin| coin.burn > burn).unwrap_or(self.0.len());
        for _ in 0..lot.granted {
            self.0.insert(place, Coin { lot: lot.id, burn, expires_at, revoked: false, held_by: None });
        }
    }

    pub(super) fn usable(&mut self, now: Time) -> impl Iterator<Item = &mut Coin> {
        self.0
            .iter_mut()
            .filter(move |coin| coin.held_by.is_none() && !coin.revoked && coin.expires_at.is_none_or(|end| now < end))
    }

    pub(super) fn hold(&mut self, id: HoldId, count: usize, now: Time) -> bool {
        let enough = self.usable(now).count() >= count;
        self.usable(now).take(if enough { count } else { 0 }).for_each(|coin| coin.held_by = Some(id));
        enough
    }

    /// The first coins of a hold are gone, the others return; what returns and cannot live is gone as well.
    pub(super) fn end(&mut self, id: HoldId, mut captured: usize, now: Time) {
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
