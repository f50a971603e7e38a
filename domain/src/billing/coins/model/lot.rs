//! Lots.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Time;
use crate::ids::LotId;

/// The source of a lot of coins.
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
    /// Unspent coins of the period before.
    Rollover,
    /// Refunded coins.
    Refund,
    /// Coins that were bought.
    Purchase,
}

impl Source {
    /// Spending priority: lots with a smaller number are spent first.
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

/// Coins that were granted together and expire together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CoinLot")]
pub struct Lot {
    /// Identifier.
    pub id: LotId,
    /// Source of the coins.
    pub source: Source,
    /// Coins granted.
    pub granted: i64,
    /// Coins left.
    pub remaining: i64,
    /// Coins of the lot that open holds reserve.
    pub held: i64,
    /// Coins written off at expiry.
    pub expired: i64,
    /// Coins taken back, less those that were restored.
    pub taken: i64,
    /// Coins that are to be taken back, of this lot and of the lots that came from it. They follow the money of the lot's payment that
    /// went back.
    pub target: i64,
    /// Coins of the target that are not taken back yet: they are spent, or held, and are taken as soon as they become free.
    pub owed: i64,
    /// For rolled over and refunded coins: the lot that they were granted in first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<LotId>,
    /// When they were granted.
    pub created_at: Time,
    /// When the coins left expire; absent when they never do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Time>,
}

impl Lot {
    /// The lot in which the coins were granted first: the origin, or this lot. Lots with one root are a group.
    #[must_use]
    pub fn root(&self) -> LotId {
        self.origin.unwrap_or(self.id)
    }

    /// Remaining coins that are not held.
    #[must_use]
    pub fn free(&self) -> i64 {
        self.remaining - self.held
    }

    /// Whether the lot has expired at `now`.
    #[must_use]
    pub fn has_expired(&self, now: Time) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }

    /// Coins that can be spent at `now`. An expired lot has none, even if it is not written off yet.
    #[must_use]
    pub fn available(&self, now: Time) -> i64 {
        if self.has_expired(now) { 0 } else { self.free() }
    }
}
