//! Values of the coin ledger.

use serde::{Deserialize, Serialize};

use crate::ids::{EntryId, LotId, UserId};
use crate::text::{line, parsed_text};
use crate::{Invalid, Time};

/// The most coins one operation may move.
pub const MAX_AMOUNT: i64 = 1_000_000_000;
/// The most coins an account may hold; far from overflow in any sum.
pub const MAX_BALANCE: i64 = 1_000_000_000_000;

/// A positive number of coins, at most [`MAX_AMOUNT`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Amount(i64);

impl Amount {
    /// The number.
    #[must_use]
    pub fn get(self) -> i64 {
        self.0
    }
}

impl TryFrom<i64> for Amount {
    type Error = Invalid;

    fn try_from(coins: i64) -> Result<Self, Invalid> {
        if (1..=MAX_AMOUNT).contains(&coins) {
            Ok(Self(coins))
        } else {
            Err(Invalid::new(format!("must be 1 to {MAX_AMOUNT} coins")))
        }
    }
}

impl From<Amount> for i64 {
    fn from(amount: Amount) -> Self {
        amount.0
    }
}

parsed_text! {
    /// Why coins move, one line of 1 to 100 characters.
    Purpose, |text| line(text, 1, 100)
}

impl Purpose {
    /// The purpose of an entry that writes off expired coins.
    pub(super) fn expiry() -> Self {
        Self("expired".into())
    }
}

parsed_text! {
    /// What a movement of coins refers to outside the ledger, one line of 1 to 200 characters.
    Reference, |text| line(text, 1, 200)
}

/// What a user has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextExpiry {
    /// How many.
    pub amount: i64,
    /// When.
    pub at: Time,
}

/// Where a lot of coins came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The trial of a subscription.
    Trial,
    /// A paid period of a subscription.
    Subscription,
    /// An administrator.
    Admin,
}

impl Source {
    /// Lots with a smaller number are spent first.
    #[must_use]
    pub fn priority(self) -> i32 {
        match self {
            Self::Trial | Self::Admin => 0,
            Self::Subscription => 10,
        }
    }
}

/// Coins that came together and expire together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// When they came.
    pub created_at: Time,
    /// When what is left expires.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Time>,
}

/// What an entry of the ledger is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// Coins came.
    Grant,
    /// Coins were spent.
    Capture,
    /// Coins expired.
    Expire,
}

impl EntryKind {
    /// The account that has the other side of the entry, so that all accounts together hold zero.
    #[must_use]
    pub fn counter_account(self) -> CounterAccount {
        match self {
            Self::Grant => CounterAccount::Issued,
            Self::Capture => CounterAccount::Revenue,
            Self::Expire => CounterAccount::Expired,
        }
    }
}

/// The platform's side of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CounterAccount {
    /// Coins that were given out.
    Issued,
    /// Coins that were spent.
    Revenue,
    /// Coins that expired.
    Expired,
}

/// A line of the ledger. It is never changed and never deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// When it was written.
    pub created_at: Time,
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

/// A spend that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    /// Its line in the ledger.
    pub entry_id: EntryId,
    /// How many coins were spent.
    pub amount: i64,
    /// The balance after it.
    pub balance: i64,
    /// What can be spent after it.
    pub available: i64,
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
