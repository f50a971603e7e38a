//! Coins that came together.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Time;
use crate::ids::LotId;

/// Where a lot of coins came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "CoinSource")]
pub enum Source {
    /// The trial of a subscription.
    Trial,
    /// A promotion.
    Promo,
    /// An administrator.
    Admin,
    /// A paid period of a subscription.
    Subscription,
    /// What was left of the period before.
    Rollover,
    /// Coins that were spent and came back.
    Refund,
    /// Coins that were bought.
    Purchase,
}

impl Source {
    /// Lots with a smaller number are spent first.
    #[must_use]
    pub fn priority(self) -> i32 {
        match self {
            Self::Trial | Self::Promo | Self::Admin => 0,
            Self::Subscription => 10,
            Self::Rollover | Self::Refund => 20,
            Self::Purchase => 30,
        }
    }
}

/// Coins that came together and expire together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CoinLot")]
pub struct Lot {
    /// Identifier.
    pub id: LotId,
    /// Where they came from.
    pub source: Source,
    /// How many came.
    pub granted: i64,
    /// How many are left.
    pub remaining: i64,
    /// How many of these are set aside.
    pub held: i64,
    /// How many were written off because they had expired.
    pub expired: i64,
    /// When they came.
    pub created_at: Time,
    /// When what is left expires.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Time>,
    /// When they were taken back; what is set aside of them can still be spent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Time>,
}

impl Lot {
    /// How many are left and not set aside.
    #[must_use]
    pub fn free(&self) -> i64 {
        self.remaining - self.held
    }

    /// Its time is over.
    #[must_use]
    pub fn has_expired(&self, now: Time) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }

    /// How many can be spent: none of a lot that has expired, even if nobody has written it off yet, or was revoked.
    #[must_use]
    pub fn available(&self, now: Time) -> i64 {
        if self.has_expired(now) || self.revoked_at.is_some() { 0 } else { self.free() }
    }
}
