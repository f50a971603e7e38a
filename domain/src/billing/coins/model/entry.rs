//! Lines of the ledger.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Purpose, Reference};
use crate::Time;
use crate::ids::{EntryId, HoldId, LotId, UserId};

/// What an entry of the ledger is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "CoinEntryKind")]
pub enum EntryKind {
    /// Coins came.
    Grant,
    /// Coins were spent.
    Capture,
    /// Coins expired.
    Expire,
    /// Spent coins came back.
    Refund,
    /// Coins were taken back.
    Clawback,
}

impl EntryKind {
    /// The account that has the other side of the entry, so that all accounts together hold zero.
    #[must_use]
    pub fn counter_account(self) -> CounterAccount {
        match self {
            Self::Grant => CounterAccount::Issued,
            Self::Capture | Self::Refund => CounterAccount::Revenue,
            Self::Expire => CounterAccount::Expired,
            Self::Clawback => CounterAccount::ClawedBack,
        }
    }
}

/// The platform's side of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CounterAccount {
    /// Coins that were given out.
    Issued,
    /// Coins that were spent and did not come back.
    Revenue,
    /// Coins that expired.
    Expired,
    /// Coins that were taken back.
    ClawedBack,
}

/// A line of the ledger. It is never changed and never deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CoinEntry")]
pub struct Entry {
    /// Identifier.
    pub id: EntryId,
    /// Number within the user's ledger, without gaps.
    pub seq: i64,
    /// What it is.
    pub kind: EntryKind,
    /// Signed number of coins.
    pub amount: i64,
    /// The balance after it.
    pub balance_after: i64,
    /// Why the coins moved.
    pub purpose: Purpose,
    /// What it refers to outside the ledger.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<Reference>,
    /// The hold whose coins moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold_id: Option<HoldId>,
    /// The lot that it made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lot_id: Option<LotId>,
    /// The user or administrator who caused it; nobody did when it happened by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor_id: Option<UserId>,
    /// When it was written.
    pub created_at: Time,
}
