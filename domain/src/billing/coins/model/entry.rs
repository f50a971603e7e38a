//! Entries of the ledger.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Purpose, Reference};
use crate::Time;
use crate::ids::{ApiKeyId, EntryId, HoldId, LotId, UserId};

/// The kind of a ledger entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "CoinEntryKind")]
pub enum EntryKind {
    /// Coins were granted.
    Grant,
    /// Coins were spent.
    Capture,
    /// Coins expired.
    Expire,
    /// Spent coins were refunded.
    Refund,
    /// Granted coins were taken back.
    Clawback,
    /// Coins that were taken back were restored.
    Restore,
}

impl EntryKind {
    /// The platform account with the other side of the entry. The sum of all accounts is zero.
    #[must_use]
    pub fn counter_account(self) -> CounterAccount {
        match self {
            Self::Grant => CounterAccount::Issued,
            Self::Capture | Self::Refund => CounterAccount::Revenue,
            Self::Expire => CounterAccount::Expired,
            Self::Clawback | Self::Restore => CounterAccount::ClawedBack,
        }
    }
}

/// An account of the platform, with the other side of entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CounterAccount {
    /// Granted coins.
    Issued,
    /// Coins spent and not refunded.
    Revenue,
    /// Expired coins.
    Expired,
    /// Coins taken back and not restored.
    ClawedBack,
}

/// A ledger entry. It is never changed and never deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CoinEntry")]
pub struct Entry {
    /// Identifier.
    pub id: EntryId,
    /// Sequence number in the user's ledger, without gaps.
    pub seq: i64,
    /// Kind of entry.
    pub kind: EntryKind,
    /// Signed number of coins.
    pub amount: i64,
    /// The balance after the entry.
    pub balance_after: i64,
    /// Why the coins moved.
    pub purpose: Purpose,
    /// Reference to something outside the ledger.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<Reference>,
    /// The hold whose coins moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold_id: Option<HoldId>,
    /// The lot that the entry created; of a refund, the first one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lot_id: Option<LotId>,
    /// The user or administrator who caused the entry, or the user for whom the site did; absent for entries of the system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor_id: Option<UserId>,
    /// The service key that the site used; absent for everybody else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_id: Option<ApiKeyId>,
    /// When it was written.
    pub created_at: Time,
}
