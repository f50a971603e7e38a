//! Coins on the wire. What clients send is in `commands`, holds are in `hold`.

mod commands;
mod hold;

use domain::Time;
use domain::billing::coins;
use domain::ids::{EntryId, HoldId, LotId, UserId};
use poem_openapi::{Enum, Object};
use serde_json::{Value, json};

use crate::http::params::Id;
use crate::http::reply::ResponseBody;

pub(super) use commands::{CaptureHold, GrantCoins, HoldCoins, RefundCoins, SpendCoins};
pub(crate) use hold::CoinHold;

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

impl ResponseBody for Balance {
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
    Promo,
    Admin,
    Subscription,
    Rollover,
    Refund,
    Purchase,
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
    /// How many were written off because they had expired.
    expired: i64,
    /// When they came.
    created_at: Time,
    /// When what is left expires.
    expires_at: Option<Time>,
    /// When they were taken back; what is set aside of them can still be spent.
    revoked_at: Option<Time>,
}

impl ResponseBody for CoinLot {
    type View = coins::Lot;

    fn example() -> Value {
        json!({
            "id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D", "source": "subscription", "granted": 500, "remaining": 343, "held": 0,
            "expired": 0, "created_at": "2027-01-31T10:00:00Z", "expires_at": "2027-02-28T10:00:00Z",
            "revoked_at": "2027-02-03T10:00:00Z",
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
    Refund,
    Clawback,
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
    /// The hold whose coins moved.
    hold_id: Option<Id<HoldId>>,
    /// The lot that it made.
    lot_id: Option<Id<LotId>>,
    /// The user or administrator who caused it; absent when it happened by itself.
    actor_id: Option<Id<UserId>>,
    /// When it was written.
    created_at: Time,
}

impl ResponseBody for CoinEntry {
    type View = coins::Entry;

    fn example() -> Value {
        json!({
            "id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D", "seq": 18, "kind": "refund", "amount": 5, "balance_after": 448,
            "purpose": "the picture failed", "reference": "sketch-17", "hold_id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6E",
            "lot_id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6F", "actor_id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6G",
            "created_at": "2027-01-31T10:00:00Z",
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

impl ResponseBody for CoinSpend {
    type View = coins::Spent;

    fn example() -> Value {
        json!({"entry_id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D", "amount": 5, "balance": 443, "available": 443})
    }
}
