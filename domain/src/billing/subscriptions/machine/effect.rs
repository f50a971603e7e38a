//! What an event asks to be done besides moving the subscription.

use crate::Time;
use crate::billing::payments::Item;
use crate::ids::{PaymentId, SubscriptionId};

/// What an event asks to be done, in its transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Ask for a payment, or ask for it again.
    Charge(Charge),
    /// Give coins, once per key.
    Grant(PlanGrant),
    /// Payments that are open are no longer wanted.
    Void,
}

/// A payment to ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// What for.
    pub item: Item,
    /// How much, in cents of the plan's currency.
    pub amount_cents: i64,
    /// Coins that come with it.
    pub coins: i64,
}

/// Coins that come with a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanGrant {
    /// What they are for.
    pub of: GrantOf,
    /// How many; none when the plan has none.
    pub coins: i64,
    /// How many unspent ones of the period before go over.
    pub rollover_cap: i64,
    /// When they expire.
    pub expires_at: Time,
}

/// What coins of a plan are given for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GrantOf {
    /// The trial.
    Trial,
    /// A period that was paid; it began when the last one's coins expired, if the two are neighbours.
    Period {
        /// Its number.
        index: i64,
        /// Its beginning.
        start: Time,
    },
    /// A change to a plan with more coins.
    Change(PaymentId),
}

impl Charge {
    /// How much of it is asked for by who collects no less than `minimum_cents`: a part of a price that is less is given for nothing.
    #[must_use]
    pub fn collected_cents(&self, minimum_cents: i64) -> i64 {
        let too_little = matches!(self.item, Item::Change(_)) && self.amount_cents < minimum_cents;
        if too_little { 0 } else { self.amount_cents }
    }
}

impl GrantOf {
    /// The key under which these coins are given once.
    #[must_use]
    pub fn key(&self, subscription: SubscriptionId) -> String {
        match self {
            Self::Trial => format!("sub:{subscription}:trial"),
            Self::Period { index, .. } => format!("sub:{subscription}:period:{index}"),
            Self::Change(payment) => format!("sub:{subscription}:change:{payment}"),
        }
    }
}
