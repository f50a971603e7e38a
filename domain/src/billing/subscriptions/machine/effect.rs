//! The effects of an event besides the change of the subscription.

use crate::Time;
use crate::billing::payments::Item;
use crate::ids::{PaymentId, SubscriptionId};

/// An effect that storage applies in the event's transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Request a payment, or request it again.
    Charge(Charge),
    /// Grant coins, once per key.
    Grant(PlanGrant),
    /// Take back the unspent coins of the trial.
    TakeTrialCoins,
    /// Void the open payments.
    Void,
}

/// A payment to request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// What is paid for.
    pub item: Item,
    /// Amount, in cents of the plan's currency.
    pub amount_cents: i64,
    /// Coins granted with the payment.
    pub coins: i64,
}

/// A grant of a plan's coins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanGrant {
    /// The reason of the grant.
    pub of: GrantOf,
    /// Number of coins; may be 0.
    pub coins: i64,
    /// Unspent coins of an earlier period that roll over.
    pub rollover: Option<Rollover>,
    /// When the coins expire.
    pub expires_at: Time,
}

/// Unspent coins that roll over into a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rollover {
    /// The end of the period in which they were not spent.
    pub unspent_at: Time,
    /// Maximum number of coins.
    pub cap: i64,
}

/// The reason of a grant of a plan's coins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GrantOf {
    /// The trial.
    Trial,
    /// A paid period, by its number.
    Period(i64),
    /// A paid change to another plan.
    Change(PaymentId),
}

impl Charge {
    /// The amount to collect, in cents: 0 for the price of a plan change below the provider's minimum.
    #[must_use]
    pub fn collected_cents(&self, minimum_cents: i64) -> i64 {
        let below_minimum = matches!(self.item, Item::Change(_)) && self.amount_cents < minimum_cents;
        if below_minimum { 0 } else { self.amount_cents }
    }
}

impl GrantOf {
    /// The key of the grant. A key is granted once.
    #[must_use]
    pub fn key(&self, subscription: SubscriptionId) -> String {
        match self {
            Self::Trial => format!("sub:{subscription}:trial"),
            Self::Period(index) => format!("sub:{subscription}:period:{index}"),
            Self::Change(payment) => format!("sub:{subscription}:change:{payment}"),
        }
    }
}
