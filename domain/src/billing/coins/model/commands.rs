//! What may be asked of the ledger.

use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Amount, Purpose, Reference, Source};
use crate::ids::{EntryId, HoldId, UserId};
use crate::{Invalid, Time};

/// Coins that come in.
#[derive(Debug, Clone)]
pub struct Grant {
    /// How many.
    pub amount: Amount,
    /// Where they come from.
    pub source: Source,
    /// Why.
    pub purpose: Purpose,
    /// When they expire.
    pub expires_at: Option<Time>,
}

/// A wish to spend coins.
#[derive(Debug, Clone, Serialize)]
pub struct Spend {
    /// How many.
    pub amount: Amount,
    /// Why.
    pub purpose: Purpose,
    /// What it refers to outside the ledger.
    pub reference: Option<Reference>,
}

/// A completed spend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CoinSpend")]
pub struct Spent {
    /// Its ledger entry.
    pub entry_id: EntryId,
    /// Coins spent.
    pub amount: i64,
    /// The balance after the spend.
    pub balance: i64,
    /// Coins that can be spent after it.
    pub available: i64,
}

/// How long coins are set aside, in seconds: at most [`HoldTime::MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct HoldTime(u32);

impl HoldTime {
    /// A week.
    pub const MAX: u32 = 7 * 24 * 60 * 60;
    /// A quarter of an hour, when nobody says.
    pub const DEFAULT: Self = Self(15 * 60);

    /// When coins return that are set aside now.
    #[must_use]
    pub fn from(self, now: Time) -> Time {
        now + TimeDelta::seconds(self.0.into())
    }
}

impl TryFrom<i64> for HoldTime {
    type Error = Invalid;

    fn try_from(seconds: i64) -> Result<Self, Invalid> {
        let seconds = u32::try_from(seconds).ok().filter(|seconds| (1..=Self::MAX).contains(seconds));
        seconds.map(Self).ok_or_else(|| Invalid::new(format!("must be 1 to {} seconds", Self::MAX)))
    }
}

/// A wish to set coins aside.
#[derive(Debug, Clone, Serialize)]
pub struct NewHold {
    /// How many.
    pub amount: Amount,
    /// What for.
    pub purpose: Purpose,
    /// What it refers to outside the ledger.
    pub reference: Option<Reference>,
    /// For how long.
    pub expires_in: HoldTime,
}

/// A wish to spend coins that are set aside.
#[derive(Debug, Clone, Serialize)]
pub struct Capture {
    /// The hold.
    pub hold: HoldId,
    /// How many of its coins; the rest returns.
    pub amount: Amount,
}

/// A wish to have all coins of a hold back.
#[derive(Debug, Clone, Serialize)]
pub struct Void {
    /// The hold.
    pub hold: HoldId,
}

/// An administrator's wish that spent coins come back.
#[derive(Debug, Clone, Serialize)]
pub struct Refund {
    /// The entry that captured them.
    pub entry: EntryId,
    /// How many; all that have not come back yet if nobody says.
    pub amount: Option<Amount>,
    /// Why.
    pub reason: Purpose,
}

/// An administrator's gift of coins.
#[derive(Debug, Clone, Serialize)]
pub struct AdminGrant {
    /// To whom.
    pub user: UserId,
    /// How many.
    pub amount: Amount,
    /// Why.
    pub reason: Purpose,
}

/// There are not enough coins for a spend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{required} coins are needed and {available} are available")]
pub struct Insufficient {
    /// What the spend needs.
    pub required: i64,
    /// What can be spent.
    pub available: i64,
}
