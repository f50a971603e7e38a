//! What a user has.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Time;

/// What a user has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CoinBalance")]
pub struct Balance {
    /// Coins in the ledger.
    pub balance: i64,
    /// Of these, coins set aside for work that is under way.
    pub held: i64,
    /// Coins that can be spent at this moment.
    pub available: i64,
    /// The next coins to expire, if any will.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_expiry: Option<NextExpiry>,
}

/// Coins that expire together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CoinExpiry")]
pub struct NextExpiry {
    /// How many.
    pub amount: i64,
    /// When.
    pub at: Time,
}
