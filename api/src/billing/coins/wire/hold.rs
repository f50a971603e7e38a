//! Holds on the wire.

use domain::Time;
use domain::billing::coins;
use domain::ids::{HoldId, LotId};
use poem_openapi::{Enum, Object};
use serde_json::{Value, json};

use crate::http::params::Id;
use crate::http::reply::ResponseBody;

/// What became of a hold: its coins are set aside, were spent, or have returned.
#[derive(Enum)]
#[oai(rename_all = "snake_case", rename = "CoinHoldState", remote = "coins::HoldState")]
enum HoldState {
    Held,
    Captured,
    Voided,
    Expired,
}

/// Coins of one lot that a hold set aside.
#[derive(Object)]
struct CoinSlice {
    /// The lot.
    lot_id: Id<LotId>,
    /// How many of its coins.
    amount: i64,
}

/// Coins that are set aside, or were.
#[derive(Object)]
pub(crate) struct CoinHold {
    /// Identifier.
    id: Id<HoldId>,
    state: HoldState,
    /// How many coins were set aside.
    amount: i64,
    /// How many of them were spent.
    captured: i64,
    /// How many of the spent ones came back.
    refunded: i64,
    /// What for.
    purpose: String,
    /// What it refers to outside the ledger.
    reference: Option<String>,
    /// Where the coins came from, in the order in which they are spent; absent for spends from before this was kept.
    slices: Option<Vec<CoinSlice>>,
    /// When the coins were set aside.
    created_at: Time,
    /// When they return by themselves.
    expires_at: Time,
}

impl ResponseBody for CoinHold {
    type View = coins::Hold;

    fn example() -> Value {
        json!({
            "id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6E", "state": "captured", "amount": 20, "captured": 12, "refunded": 0,
            "purpose": "a picture", "reference": "sketch-17",
            "slices": [{"lot_id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6F", "amount": 20}],
            "created_at": "2027-01-31T10:00:00Z", "expires_at": "2027-01-31T10:10:00Z",
        })
    }
}
