//! A user's balance.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Time;

/// A user's coins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CoinBalance")]
pub struct Balance {
    /// All coins of the user.
    pub balance: i64,
    /// Coins that open holds reserve.
    pub held: i64,
    /// Coins that can be spent now.
    pub available: i64,
    /// The next coins to expire.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_expiry: Option<NextExpiry>,
}

/// The next coins to expire; absent when none will.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CoinExpiry")]
pub struct NextExpiry {
    /// Number of coins.
    pub amount: i64,
    /// When they expire.
    pub at: Time,
}
