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
    /// Nothing can happen to it any more.
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
    /// All of them.
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
    /// The version of the plan that is subscribed to.
    pub plan: Plan,
    /// State.
    pub state: State,
    /// It ends with the period.
    pub cancel_at_period_end: bool,
    /// It pauses when the period ends.
    pub pause_at_period_end: bool,
    /// A change of the plan that has not happened yet.
    pub pending_change: Option<PendingChange>,
    /// From where the periods are counted.
    pub anchor_at: Time,
    /// Number of the period that ends at the anchor.
    pub anchor_index: i64,
    /// Number of the current period; 0 is the trial.
    pub period_index: i64,
    /// Beginning of the current period.
    pub period_start: Time,
    /// End of the current period.
    pub period_end: Time,
    /// The current period is paid.
    pub period_paid: bool,
    /// While a payment is overdue: until when the plan applies all the same.
    pub grace_until: Option<Time>,
    /// How often an overdue payment was asked for again.
    pub retries: i64,
    /// What later payments are taken from, as the provider of payments calls it.
    pub payment_method: Option<PaymentMethod>,
    /// When it ended.
    pub canceled_at: Option<Time>,
    /// When it was made.
    pub created_at: Time,
    /// Counts the changes.
    pub version: i64,
}

/// A change of the plan that has not happened yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingChange {
    /// The plan to be.
    pub plan: Plan,
    /// The payment that it waits for; without one it happens when the period ends.
    pub payment: Option<PaymentId>,
    /// Coins that come with it, as they were offered.
    pub coins: i64,
}
