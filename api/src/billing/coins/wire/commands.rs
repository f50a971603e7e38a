//! What clients send.

use domain::billing::coins::{AdminGrant, Amount, Capture, HoldTime, MAX_AMOUNT, NewHold, Purpose, Reference, Refund, Spend};
use domain::ids::{EntryId, HoldId, UserId};
use poem_openapi::Object;
use serde_json::{Value, json};

use crate::http::body::RequestBody;
use crate::http::params::Id;
use crate::http::problem::{Result, WithPointer};
use crate::http::text::Line;

// The attributes below take literals only.
const _: () = assert!(MAX_AMOUNT == 1_000_000_000 && HoldTime::MAX == 604_800);

/// A wish to spend coins.
#[derive(Object)]
pub(in crate::billing::coins) struct SpendCoins {
    /// How many.
    #[oai(validator(minimum(value = "1"), maximum(value = "1000000000")))]
    amount: i64,
    /// Why.
    purpose: Line<1, 100>,
    /// What it refers to outside the ledger.
    reference: Option<Line<1, 200>>,
}

impl RequestBody for SpendCoins {
    fn example() -> Value {
        json!({"amount": 5, "purpose": "a picture", "reference": "sketch-17"})
    }
}

impl SpendCoins {
    pub(in crate::billing::coins) fn spend(&self) -> Result<Spend> {
        Ok(Spend {
            amount: Amount::try_from(self.amount).at("/amount")?,
            purpose: Purpose::parse(&self.purpose).at("/purpose")?,
            reference: self.reference.as_deref().map(Reference::parse).transpose().at("/reference")?,
        })
    }
}

/// A wish to set coins aside.
#[derive(Object)]
pub(in crate::billing::coins) struct HoldCoins {
    /// How many.
    #[oai(validator(minimum(value = "1"), maximum(value = "1000000000")))]
    amount: i64,
    /// What for.
    purpose: Line<1, 100>,
    /// What it refers to outside the ledger.
    reference: Option<Line<1, 200>>,
    /// After how many seconds they return by themselves: 900 if it is absent.
    #[oai(validator(minimum(value = "1"), maximum(value = "604800")))]
    expires_in: Option<i64>,
}

impl RequestBody for HoldCoins {
    fn example() -> Value {
        json!({"amount": 20, "purpose": "a picture", "reference": "sketch-17", "expires_in": 600})
    }
}

impl HoldCoins {
    pub(in crate::billing::coins) fn hold(&self) -> Result<NewHold> {
        Ok(NewHold {
            amount: Amount::try_from(self.amount).at("/amount")?,
            purpose: Purpose::parse(&self.purpose).at("/purpose")?,
            reference: self.reference.as_deref().map(Reference::parse).transpose().at("/reference")?,
            expires_in: self.expires_in.map_or(Ok(HoldTime::DEFAULT), HoldTime::try_from).at("/expires_in")?,
        })
    }
}

/// A wish to spend coins that were set aside.
#[derive(Object)]
pub(in crate::billing::coins) struct CaptureHold {
    /// How many; the rest returns.
    #[oai(validator(minimum(value = "1"), maximum(value = "1000000000")))]
    amount: i64,
}

impl RequestBody for CaptureHold {
    fn example() -> Value {
        json!({"amount": 12})
    }
}

impl CaptureHold {
    pub(in crate::billing::coins) fn capture(&self, hold: HoldId) -> Result<Capture> {
        Ok(Capture { hold, amount: Amount::try_from(self.amount).at("/amount")? })
    }
}

/// An administrator's wish that spent coins come back.
#[derive(Object)]
pub(in crate::billing::coins) struct RefundCoins {
    /// The entry that captured them.
    entry_id: Id<EntryId>,
    /// How many; all that have not come back yet if it is absent.
    #[oai(validator(minimum(value = "1"), maximum(value = "1000000000")))]
    amount: Option<i64>,
    /// Why.
    reason: Line<1, 100>,
}

impl RequestBody for RefundCoins {
    fn example() -> Value {
        json!({"entry_id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D", "amount": 5, "reason": "the picture failed"})
    }
}

impl RefundCoins {
    pub(in crate::billing::coins) fn refund(&self) -> Result<Refund> {
        Ok(Refund {
            entry: self.entry_id.0,
            amount: self.amount.map(Amount::try_from).transpose().at("/amount")?,
            reason: Purpose::parse(&self.reason).at("/reason")?,
        })
    }
}

/// An administrator's gift of coins.
#[derive(Object)]
pub(in crate::billing::coins) struct GrantCoins {
    /// To whom.
    user_id: Id<UserId>,
    /// How many.
    #[oai(validator(minimum(value = "1"), maximum(value = "1000000000")))]
    amount: i64,
    /// Why.
    reason: Line<1, 100>,
}

impl RequestBody for GrantCoins {
    fn example() -> Value {
        json!({"user_id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D", "amount": 100, "reason": "winner of the drawing contest"})
    }
}

impl GrantCoins {
    pub(in crate::billing::coins) fn grant(&self) -> Result<AdminGrant> {
        Ok(AdminGrant {
            user: self.user_id.0,
            amount: Amount::try_from(self.amount).at("/amount")?,
            reason: Purpose::parse(&self.reason).at("/reason")?,
        })
    }
}
