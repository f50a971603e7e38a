//! Holds.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{HoldPlacer, Purpose, Reference};
use crate::Time;
use crate::ids::{HoldId, LotId};

/// The state of a hold. A hold ends once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "CoinHoldState")]
pub enum HoldState {
    /// The coins are reserved.
    Held,
    /// All coins or a part were spent; the rest was released.
    Captured,
    /// All coins were released.
    Voided,
    /// All coins were released because the hold was not ended in time.
    Expired,
}

/// Coins of one lot that a hold reserves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CoinSlice")]
pub struct Slice {
    /// The lot.
    pub lot_id: LotId,
    /// Number of coins.
    pub amount: i64,
}

/// Coins reserved for work whose price is not known yet. Always `0 <= refunded <= captured <= amount`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CoinHold")]
pub struct Hold {
    /// Identifier.
    pub id: HoldId,
    /// State.
    pub state: HoldState,
    /// Who placed it.
    pub placer: HoldPlacer,
    /// Coins reserved.
    pub amount: i64,
    /// Coins of the hold that were spent.
    pub captured: i64,
    /// Spent coins that were refunded.
    pub refunded: i64,
    /// What the coins are reserved for.
    pub purpose: Purpose,
    /// Reference to something outside the ledger.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<Reference>,
    /// The lots of the coins, in the order of spending; absent for spends made before holds existed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slices: Option<Vec<Slice>>,
    /// When the hold was created.
    pub created_at: Time,
    /// When the hold expires unless it has ended.
    pub expires_at: Time,
}

impl Hold {
    /// The state at `now`. An open hold past its expiry counts as expired, even if it is not released yet.
    #[must_use]
    pub fn state_at(&self, now: Time) -> HoldState {
        if self.state == HoldState::Held && self.expires_at <= now { HoldState::Expired } else { self.state }
    }

    /// The captured slices: the first ones, up to the captured amount. `None` if the slices are unknown.
    #[must_use]
    pub fn captured_slices(&self) -> Option<Vec<Slice>> {
        self.slices.as_ref().map(|slices| split(slices, self.captured).0)
    }
}

/// Splits slices into their first `first` coins and the rest.
pub(in crate::billing::coins) fn split(slices: &[Slice], first: i64) -> (Vec<Slice>, Vec<Slice>) {
    let mut left = first;
    let (mut head, mut tail) = (Vec::new(), Vec::new());
    for &Slice { lot_id, amount } in slices {
        let taken = amount.min(left);
        left -= taken;
        head.extend((taken > 0).then_some(Slice { lot_id, amount: taken }));
        tail.extend((taken < amount).then_some(Slice { lot_id, amount: amount - taken }));
    }
    (head, tail)
}

/// Why a capture or a void is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum HoldRefusal {
    /// The hold has finished, in this state.
    #[error("the hold has ended")]
    Finished(HoldState),
    /// The hold has only this many coins, fewer than the capture.
    #[error("the hold has only {0} coins")]
    TooMuch(i64),
    /// The hold belongs to this placer.
    #[error("somebody else placed the hold")]
    NotPlacer(HoldPlacer),
}

/// The refund exceeds the captured coins that can still be refunded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{left} coins can be refunded")]
pub struct RefundRefusal {
    /// Coins that can still be refunded.
    pub left: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_split_has_no_empty_slices() {
        let slices = [3, 4, 5].map(|amount| Slice { lot_id: LotId::generate(Time::UNIX_EPOCH), amount });
        let amounts = |slices: Vec<Slice>| slices.iter().map(|slice| slice.amount).collect::<Vec<_>>();
        let split_amounts = |first| {
            let (head, tail) = split(&slices, first);
            (amounts(head), amounts(tail))
        };
        assert_eq!(split_amounts(0), (vec![], vec![3, 4, 5]));
        assert_eq!(split_amounts(3), (vec![3], vec![4, 5]));
        assert_eq!(split_amounts(6), (vec![3, 3], vec![1, 5]));
        assert_eq!(split_amounts(12), (vec![3, 4, 5], vec![]));
    }
}
