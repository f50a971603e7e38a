//! Coins on the wire.

use domain::Time;
use domain::coins::{self, AdminGrant, Amount, MAX_AMOUNT, Purpose, Reference, Spend};
use domain::ids::{EntryId, LotId, UserId};
use poem_openapi::{Enum, Object};
use serde_json::{Value, json};

use crate::body::Takes;
use crate::params::Id;
use crate::problem::{At, Result};
use crate::reply::Shows;
use crate::text::Line;

/// A wish to spend coins.
#[derive(Object)]
pub(super) struct SpendCoins {
    /// How many.
    #[oai(validator(minimum(value = "1"), maximum(value = "1000000000")))]
    amount: i64,
    /// Why.
    purpose: Line<1, 100>,
    /// What it refers to outside the ledger.
    reference: Option<Line<1, 200>>,
}

// The attributes above and below take literals only.
const _: () = assert!(MAX_AMOUNT == 1_000_000_000);

impl Takes for SpendCoins {
    fn example() -> Value {
        json!({"amount": 5, "purpose": "a picture", "reference": "sketch-17"})
    }
}

impl SpendCoins {
    pub(super) fn spend(&self) -> Result<Spend> {
        Ok(Spend {
            amount: Amount::try_from(self.amount).at("/amount")?,
            purpose: Purpose::parse(&self.purpose).at("/purpose")?,
            reference: self.reference.as_deref().map(Reference::parse).transpose().at("/reference")?,
        })
    }
}

/// An administrator's gift of coins.
#[derive(Object)]
pub(super) struct GrantCoins {
    /// To whom.
    user_id: Id<UserId>,
    /// How many.
    #[oai(validator(minimum(value = "1"), maximum(value = "1000000000")))]
    amount: i64,
    /// Why.
    reason: Line<1, 100>,
}

impl Takes for GrantCoins {
    fn example() -> Value {
        json!({"user_id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D", "amount": 100, "reason": "winner of the drawing contest"})
    }
}

impl GrantCoins {
    pub(super) fn grant(&self) -> Result<AdminGrant> {
        Ok(AdminGrant {
            user: self.user_id.0,
            amount: Amount::try_from(self.amount).at("/amount")?,
            reason: Purpose::parse(&self.reason).at("/reason")?,
        })
    }
}

/// What a user has.
#[derive(Object)]
#[oai(rename = "CoinBalance")]
#[expect(clippy::struct_field_names, reason = "the contract names it")]
pub(crate) struct Balance {
    /// Coins in the ledger.
    balance: i64,
    /// Of these, coins set aside for work that is under way.
    held: i64,
    /// Coins that can be spent at this moment.
    available: i64,
    next_expiry: Option<NextExpiry>,
}

/// The next coins to expire; absent when none will.
#[derive(Object)]
#[oai(rename = "CoinExpiry")]
struct NextExpiry {
    /// How many.
    amount: i64,
    /// When.
    at: Time,
}

impl Shows for Balance {
    type View = coins::Balance;

    fn example() -> Value {
        json!({"balance": 443, "held": 0, "available": 443, "next_expiry": {"amount": 343, "at": "2027-02-28T10:00:00Z"}})
    }
}

/// Where a lot of coins came from.
#[derive(Enum)]
#[oai(rename_all = "snake_case", rename = "CoinSource", remote = "coins::Source")]
enum Source {
    Trial,
    Subscription,
    Admin,
}

/// Coins that came together and expire together.
#[derive(Object)]
pub(crate) struct CoinLot {
    /// Identifier.
    id: Id<LotId>,
    source: Source,
    /// How many came.
    granted: i64,
    /// How many are left.
    remaining: i64,
    /// How many of these are set aside.
    held: i64,
    /// When they came.
    created_at: Time,
    /// When what is left expires.
    expires_at: Option<Time>,
}

impl Shows for CoinLot {
    type View = coins::Lot;

    fn example() -> Value {
        json!({
            "id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D", "source": "subscription", "granted": 500, "remaining": 343, "held": 0,
            "created_at": "2027-01-31T10:00:00Z", "expires_at": "2027-02-28T10:00:00Z",
        })
    }
}

/// What an entry of the ledger is.
#[derive(Enum)]
#[oai(rename_all = "snake_case", rename = "CoinEntryKind", remote = "coins::EntryKind")]
enum EntryKind {
    Grant,
    Capture,
    Expire,
}

/// A line of the ledger.
#[derive(Object)]
pub(crate) struct CoinEntry {
    /// Identifier.
    id: Id<EntryId>,
    /// Number within the user's ledger, without gaps.
    seq: i64,
    kind: EntryKind,
    /// Signed number of coins.
    amount: i64,
    /// The balance after it.
    balance_after: i64,
    /// Why the coins moved.
    purpose: String,
    /// What it refers to outside the ledger.
    reference: Option<String>,
    /// When it was written.
    created_at: Time,
}

impl Shows for CoinEntry {
    type View = coins::Entry;

    fn example() -> Value {
        json!({
            "id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D", "seq": 17, "kind": "capture", "amount": -5, "balance_after": 443,
            "purpose": "a picture", "reference": "sketch-17", "created_at": "2027-01-31T10:00:00Z",
        })
    }
}

/// A spend that happened.
#[derive(Object)]
pub(crate) struct CoinSpend {
    /// Its line in the ledger.
    entry_id: Id<EntryId>,
    /// How many coins were spent.
    amount: i64,
    /// The balance after it.
    balance: i64,
    /// What can be spent after it.
    available: i64,
}

impl Shows for CoinSpend {
    type View = coins::Spent;

    fn example() -> Value {
        json!({"entry_id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D", "amount": 5, "balance": 443, "available": 443})
    }
}
