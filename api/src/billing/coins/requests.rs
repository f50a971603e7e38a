//! Requests of the coin ledger.

use domain::billing::coins::{AdminGrant, Amount, Capture, HoldTime, MAX_AMOUNT, NewHold, Purpose, Reference, Refund, Spend};
use domain::ids::{EntryId, HoldId, UserId};
use poem_openapi::Object;
use serde_json::{Value, json};

use crate::http::body::RequestBody;
use crate::http::params::Id;
use crate::http::problem::{Result, WithPointer};
use crate::http::text::Line;

// The attributes below accept literals only.
const _: () = assert!(MAX_AMOUNT == 1_000_000_000 && HoldTime::MAX == 604_800);

/// Coins to spend.
#[derive(Object)]
pub(super) struct SpendCoins {
    /// Number of coins.
    #[oai(validator(minimum(value = "1"), maximum(value = "1000000000")))]
    amount: i64,
    /// What the coins are spent on.
    purpose: Line<1, 100>,
    /// Reference to something outside the ledger.
    reference: Option<Line<1, 200>>,
}

impl RequestBody for SpendCoins {
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

/// Coins to hold for work whose price is not known yet.
#[derive(Object)]
pub(super) struct HoldCoins {
    /// Number of coins.
    #[oai(validator(minimum(value = "1"), maximum(value = "1000000000")))]
    amount: i64,
    /// What the coins are held for.
    purpose: Line<1, 100>,
    /// Reference to something outside the ledger.
    reference: Option<Line<1, 200>>,
    /// Seconds until the hold expires and its coins are released; 900 if absent.
    #[oai(validator(minimum(value = "1"), maximum(value = "604800")))]
    expires_in: Option<i64>,
}

impl RequestBody for HoldCoins {
    fn example() -> Value {
        json!({"amount": 20, "purpose": "a picture", "reference": "sketch-17", "expires_in": 600})
    }
}

impl HoldCoins {
    pub(super) fn hold(&self) -> Result<NewHold> {
        Ok(NewHold {
            amount: Amount::try_from(self.amount).at("/amount")?,
            purpose: Purpose::parse(&self.purpose).at("/purpose")?,
            reference: self.reference.as_deref().map(Reference::parse).transpose().at("/reference")?,
            expires_in: self.expires_in.map_or(Ok(HoldTime::DEFAULT), HoldTime::try_from).at("/expires_in")?,
        })
    }
}

/// How much of a hold to spend.
#[derive(Object)]
pub(super) struct CaptureCoinHold {
    /// Number of coins to spend; the rest is released.
    #[oai(validator(minimum(value = "1"), maximum(value = "1000000000")))]
    amount: i64,
}

impl RequestBody for CaptureCoinHold {
    fn example() -> Value {
        json!({"amount": 12})
    }
}

impl CaptureCoinHold {
    pub(super) fn capture(&self, hold: HoldId) -> Result<Capture> {
        Ok(Capture { hold, amount: Amount::try_from(self.amount).at("/amount")? })
    }
}

/// How much of a user's hold to spend.
#[derive(Object)]
pub(super) struct CaptureAnyCoinHold {
    /// Number of coins to spend; the rest is released.
    #[oai(validator(minimum(value = "1"), maximum(value = "1000000000")))]
    amount: i64,
}

impl RequestBody for CaptureAnyCoinHold {
    fn example() -> Value {
        CaptureCoinHold::example()
    }
}

impl CaptureAnyCoinHold {
    pub(super) fn capture(&self, hold: HoldId) -> Result<Capture> {
        CaptureCoinHold { amount: self.amount }.capture(hold)
    }
}

/// Coins that the site captured, to return.
#[derive(Object)]
pub(super) struct RefundOwnCapture {
    /// The ledger entry that captured the coins.
    entry_id: Id<EntryId>,
    /// Number of coins; if absent, all that have not been refunded yet.
    #[oai(validator(minimum(value = "1"), maximum(value = "1000000000")))]
    amount: Option<i64>,
    /// Reason, shown in the ledger.
    reason: Line<1, 100>,
}

impl RequestBody for RefundOwnCapture {
    fn example() -> Value {
        RefundCoins::example()
    }
}

impl RefundOwnCapture {
    pub(super) fn refund(self) -> Result<Refund> {
        let Self { entry_id, amount, reason } = self;
        RefundCoins { entry_id, amount, reason }.refund()
    }
}

/// Spent coins to return.
#[derive(Object)]
pub(super) struct RefundCoins {
    /// The ledger entry that captured the coins.
    entry_id: Id<EntryId>,
    /// Number of coins; if absent, all that have not been refunded yet.
    #[oai(validator(minimum(value = "1"), maximum(value = "1000000000")))]
    amount: Option<i64>,
    /// Reason, shown in the ledger.
    reason: Line<1, 100>,
}

impl RequestBody for RefundCoins {
    fn example() -> Value {
        json!({"entry_id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D", "amount": 5, "reason": "the picture failed"})
    }
}

impl RefundCoins {
    pub(super) fn refund(&self) -> Result<Refund> {
        Ok(Refund {
            entry: self.entry_id.0,
            amount: self.amount.map(Amount::try_from).transpose().at("/amount")?,
            reason: Purpose::parse(&self.reason).at("/reason")?,
        })
    }
}

/// Coins to give to a user.
#[derive(Object)]
pub(super) struct GrantCoins {
    /// The user who receives them.
    user_id: Id<UserId>,
    /// Number of coins.
    #[oai(validator(minimum(value = "1"), maximum(value = "1000000000")))]
    amount: i64,
    /// Reason, shown in the ledger.
    reason: Line<1, 100>,
}

impl RequestBody for GrantCoins {
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
