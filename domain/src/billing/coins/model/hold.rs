//! Coins that are set aside.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Purpose, Reference};
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
    /// What it is at `now`: one whose time is over has expired, even if nobody has released it yet.
    #[must_use]
    pub fn state_at(&self, now: Time) -> HoldState {
        if self.state == HoldState::Held && self.expires_at <= now { HoldState::Expired } else { self.state }
    }

    /// The slices that were spent: the first ones, up to what was captured.
    #[must_use]
    pub fn captured_slices(&self) -> Option<Vec<Slice>> {
        self.slices.as_ref().map(|slices| split(slices, self.captured).0)
    }
}

/// The first coins of some slices, and the others.
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

/// A hold that cannot do what is asked of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum HoldRefusal {
    /// It has ended already, so.
    #[error("the hold has ended")]
    Finished(HoldState),
    /// It has fewer coins than shall be captured.
    #[error("the hold has {0} coins")]
    TooMuch(i64),
}

/// More coins shall come back than were captured and have not come back yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{left} coins can be refunded")]
pub struct RefundRefusal {
    /// How many can come back.
    pub left: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_are_divided_without_empty_ones() {
        let slices = [3, 4, 5].map(|amount| Slice { lot_id: LotId::generate(Time::UNIX_EPOCH), amount });
        let amounts = |slices: Vec<Slice>| slices.iter().map(|slice| slice.amount).collect::<Vec<_>>();
        let divided = |first| {
            let (head, tail) = split(&slices, first);
            (amounts(head), amounts(tail))
        };
        assert_eq!(divided(0), (vec![], vec![3, 4, 5]));
        assert_eq!(divided(3), (vec![3], vec![4, 5]));
        assert_eq!(divided(6), (vec![3, 3], vec![1, 5]));
        assert_eq!(divided(12), (vec![3, 4, 5], vec![]));
    }
}
