//! Commands of the ledger.

use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Amount, Purpose, Reference, Source};
use crate::ids::{EntryId, HoldId, LotId, UserId};
use crate::{Invalid, Time};

/// A grant of coins.
#[derive(Debug, Clone)]
pub struct Grant {
    /// Number of coins.
    pub amount: Amount,
    /// Source of the lot.
    pub source: Source,
    /// The lot in which rolled over coins were granted first.
    pub origin: Option<LotId>,
    /// Purpose of the entry.
    pub purpose: Purpose,
    /// When the coins expire; `None` for never.
    pub expires_at: Option<Time>,
}

/// The command to spend coins at once.
#[derive(Debug, Clone, Serialize)]
pub struct Spend {
    /// Number of coins.
    pub amount: Amount,
    /// Purpose of the spend.
    pub purpose: Purpose,
    /// A reference to an object outside the ledger.
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

/// The duration of a hold: 1 to [`HoldTime::MAX`] seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct HoldTime(u32);

impl HoldTime {
    /// One week, in seconds.
    pub const MAX: u32 = 7 * 24 * 60 * 60;
    /// Default: 15 minutes.
    pub const DEFAULT: Self = Self(15 * 60);

    /// When a hold created at `now` expires.
    #[must_use]
    pub fn expiry(self, now: Time) -> Time {
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

/// The command to hold coins.
#[derive(Debug, Clone, Serialize)]
pub struct NewHold {
    /// Number of coins.
    pub amount: Amount,
    /// Purpose of the hold.
    pub purpose: Purpose,
    /// A reference to an object outside the ledger.
    pub reference: Option<Reference>,
    /// Duration of the hold.
    pub expires_in: HoldTime,
}

/// The command to capture a hold.
#[derive(Debug, Clone, Serialize)]
pub struct Capture {
    /// The hold.
    pub hold: HoldId,
    /// Number of coins to capture; the rest is released.
    pub amount: Amount,
}

/// The command to void a hold.
#[derive(Debug, Clone, Serialize)]
pub struct Void {
    /// The hold.
    pub hold: HoldId,
}

/// An administrator's command to refund captured coins.
#[derive(Debug, Clone, Serialize)]
pub struct Refund {
    /// The capture entry.
    pub entry: EntryId,
    /// Number of coins; `None` for all that can still be refunded.
    pub amount: Option<Amount>,
    /// Purpose of the entry.
    pub reason: Purpose,
}

/// An administrator's command to grant coins.
#[derive(Debug, Clone, Serialize)]
pub struct AdminGrant {
    /// The recipient.
    pub user: UserId,
    /// Number of coins.
    pub amount: Amount,
    /// Purpose of the entry.
    pub reason: Purpose,
}

/// The available coins do not cover a spend or a hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{required} coins are needed and {available} are available")]
pub struct Insufficient {
    /// Coins needed.
    pub required: i64,
    /// Coins available.
    pub available: i64,
}
