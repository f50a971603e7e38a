//! What is told of subscriptions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Action, EventKind, PendingChange, State, Subscription};
use crate::Time;
use crate::billing::payments::PaymentState;
use crate::billing::plans::FREE_PLAN;
use crate::ids::{PaymentId, SubscriptionEventId, SubscriptionId};

/// A subscription as its user sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Subscription")]
pub struct SubscriptionView {
    /// Identifier; absent without a subscription.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<SubscriptionId>,
    /// Code of its plan; `free` without a subscription.
    pub plan_code: String,
    /// State.
    pub state: State,
    /// The plan's benefits apply at this moment.
    pub entitled: bool,
    /// It ends with the period.
    pub cancel_at_period_end: bool,
    /// It pauses when the period ends.
    pub pause_at_period_end: bool,
    /// A change of the plan that has not happened yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending_change: Option<PendingChangeView>,
    /// Number of the current period; 0 is the trial.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period_index: Option<i64>,
    /// Beginning of the current period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period_start: Option<Time>,
    /// End of the current period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period_end: Option<Time>,
    /// The current period is paid.
    pub period_paid: bool,
    /// While a payment is overdue: until when the plan applies all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grace_until: Option<Time>,
    /// The payment that is awaited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_payment: Option<OpenPayment>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canceled_at: Option<Time>,
    /// What may be done with it now.
    pub allowed_actions: Vec<Action>,
}

/// A change of the plan, as its user sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PendingPlanChange")]
pub struct PendingChangeView {
    /// Code of the plan to be.
    pub plan_code: String,
    /// When it happens.
    pub when: ChangeTime,
}

/// When a change of the plan happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "PlanChangeTime")]
pub enum ChangeTime {
    /// At once, or as soon as its price is paid.
    Now,
    /// When the period ends.
    PeriodEnd,
}

/// A payment that is awaited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OpenPayment {
    /// Identifier; the provider's event names it as `payment_id` in its metadata.
    pub id: PaymentId,
    /// How much, in cents.
    pub amount_cents: i64,
    /// ISO 4217 code of the currency.
    pub currency: String,
    /// `pending`, or `failed` when an attempt has failed.
    pub state: PaymentState,
}

/// What would become of a subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "SubscriptionPreview")]
pub struct Preview {
    /// The action.
    pub action: Action,
    /// The subscription after it, once what is due now is paid.
    pub subscription: SubscriptionView,
    /// What is due now, in cents.
    pub due_now_cents: i64,
    /// ISO 4217 code of the currency.
    pub currency: String,
    /// Coins that come with it.
    pub coins: i64,
    /// When the change of the plan, the pause or the end comes about.
    pub takes_effect_at: Time,
}

/// Something that happened to a subscription. It is never changed and never deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "SubscriptionEvent")]
pub struct Record {
    /// Identifier.
    pub id: SubscriptionEventId,
    /// The subscription.
    pub subscription_id: SubscriptionId,
    /// What happened.
    pub kind: EventKind,
    /// State before it.
    pub from: State,
    /// State after it.
    pub to: State,
    /// Code of the plan after it.
    pub plan_code: String,
    /// Number of the current period after it.
    pub period_index: i64,
    /// Periods that went by unpaid and uncharged while nobody was there to begin them.
    pub missed_periods: i64,
    /// When.
    pub created_at: Time,
}

/// A subscription as its user sees it at `now`, with the payment that is awaited.
#[must_use]
pub fn view(subscription: &Subscription, open_payment: Option<OpenPayment>, now: Time) -> SubscriptionView {
    let pending = |PendingChange { plan, payment, .. }: &PendingChange| PendingChangeView {
        plan_code: plan.code.clone(),
        when: if payment.is_some() { ChangeTime::Now } else { ChangeTime::PeriodEnd },
    };
    SubscriptionView {
        id: Some(subscription.id),
        plan_code: subscription.plan.code.clone(),
        state: subscription.state,
        entitled: subscription.entitles(now),
        cancel_at_period_end: subscription.cancel_at_period_end,
        pause_at_period_end: subscription.pause_at_period_end,
        pending_change: subscription.pending_change.as_ref().map(pending),
        period_index: Some(subscription.period_index),
        period_start: Some(subscription.period_start),
        period_end: Some(subscription.period_end),
        period_paid: subscription.period_paid,
        grace_until: subscription.grace_ends(),
        open_payment,
        canceled_at: subscription.canceled_at,
        allowed_actions: subscription.allowed_actions(),
    }
}

/// What a user sees who never subscribed.
#[must_use]
pub fn view_of_none() -> SubscriptionView {
    SubscriptionView {
        id: None,
        plan_code: FREE_PLAN.to_owned(),
        state: State::None,
        entitled: true,
        cancel_at_period_end: false,
        pause_at_period_end: false,
        pending_change: None,
        period_index: None,
        period_start: None,
        period_end: None,
        period_paid: false,
        grace_until: None,
        open_payment: None,
        canceled_at: None,
        allowed_actions: vec![Action::Subscribe],
    }
}
