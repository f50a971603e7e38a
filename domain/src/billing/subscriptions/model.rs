//! Values of subscriptions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Time;
use crate::billing::payments::PaymentMethod;
use crate::billing::plans::Plan;
use crate::ids::{PaymentId, SubscriptionId};

/// The state of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "SubscriptionState")]
pub enum State {
    /// There is no subscription; the free plan applies.
    None,
    /// The first payment is awaited.
    Incomplete,
    /// In trial.
    Trialing,
    /// Running.
    Active,
    /// A payment is overdue.
    PastDue,
    /// Paused by the user.
    Paused,
    /// Canceled. This state is final.
    Canceled,
    /// The first payment did not arrive in time. This state is final.
    Expired,
}

impl State {
    /// Whether the state allows no further transition.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Canceled | Self::Expired)
    }
}

/// An action on a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "SubscriptionAction")]
pub enum Action {
    /// Start a new subscription.
    Subscribe,
    /// Cancel now.
    Cancel,
    /// Cancel at the end of the period.
    CancelAtPeriodEnd,
    /// Withdraw a cancellation or a pause, or continue after a pause.
    Resume,
    /// Pause at the end of the period.
    Pause,
    /// Change to another plan now.
    Change,
    /// Change to another plan at the end of the period.
    ChangeAtPeriodEnd,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 7] = [
        Self::Subscribe,
        Self::Cancel,
        Self::CancelAtPeriodEnd,
        Self::Resume,
        Self::Pause,
        Self::Change,
        Self::ChangeAtPeriodEnd,
    ];
}

/// A subscription as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Identifier.
    pub id: SubscriptionId,
    /// The plan in force, in its subscribed version: that of the last standing upgrade of the period, else the period's.
    pub plan: Plan,
    /// The plan that the period was charged for.
    pub period_plan: Plan,
    /// The paid upgrades of the period, the oldest first.
    pub upgrades: Vec<Upgrade>,
    /// State.
    pub state: State,
    /// Whether it is canceled at the end of the period.
    pub cancel_at_period_end: bool,
    /// Whether it pauses at the end of the period.
    pub pause_at_period_end: bool,
    /// A change of the plan that has not taken effect.
    pub pending_change: Option<PendingChange>,
    /// The time from which periods are counted.
    pub anchor_at: Time,
    /// Number of the period that ends at the anchor.
    pub anchor_index: i64,
    /// Number of the current period; 0 is the trial.
    pub period_index: i64,
    /// Start of the current period.
    pub period_start: Time,
    /// End of the current period.
    pub period_end: Time,
    /// Whether the current period is paid.
    pub period_paid: bool,
    /// Until when the plan applies while the period is unpaid: seven days after the payment was first requested. `None` if the period
    /// is paid, and while the first payment is awaited.
    pub grace_until: Option<Time>,
    /// Number of retries of the unpaid payment.
    pub retries: i64,
    /// When the last paid period ended whose unspent coins have not rolled over.
    pub unspent_at: Option<Time>,
    /// The payment method for later payments, as the provider names it.
    pub payment_method: Option<PaymentMethod>,
    /// Whether a dispute has ended the use of the payment method. The user resumes with a new one only.
    pub needs_method: bool,
    /// When it ended.
    pub canceled_at: Option<Time>,
    /// Why it ended.
    pub end_reason: Option<EndReason>,
    /// When it was created.
    pub created_at: Time,
    /// Version number, incremented by each change.
    pub version: i64,
}

/// A paid upgrade within a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upgrade {
    /// Its payment.
    pub payment: PaymentId,
    /// The payment of the upgrade that was in force when it was paid; `None` if it was the period's plan.
    pub on: Option<PaymentId>,
    /// Its plan.
    pub plan: Plan,
    /// Whether its money is gone.
    pub gone: bool,
}

/// Why a subscription ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "SubscriptionEndReason")]
pub enum EndReason {
    /// It was canceled, at once or at the end of its period.
    Canceled,
    /// Its payment was not received in time.
    Unpaid,
    /// Its trial ended without a payment method.
    TrialEnded,
    /// The money of its period was refunded or charged back. It continues if the money is back before the period ends.
    Returned,
}

/// A change of the plan that has not taken effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingChange {
    /// The new plan.
    pub plan: Plan,
    /// The payment that the change waits for; `None` for a change at the end of the period.
    pub payment: Option<PaymentId>,
    /// Coins granted with the change, as offered when it was requested.
    pub coins: i64,
}
