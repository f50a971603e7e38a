//! Views of subscriptions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Action, EndReason, EventKind, PendingChange, State, Subscription};
use crate::Time;
use crate::billing::payments::PaymentState;
use crate::billing::plans::FREE_PLAN;
use crate::ids::{ApiKeyId, PaymentId, SubscriptionEventId, SubscriptionId};

/// A subscription, or the free plan without one.
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
    /// The plan's benefits apply now.
    pub entitled: bool,
    /// The subscription ends with the period.
    pub cancel_at_period_end: bool,
    /// The subscription pauses at the end of the period.
    pub pause_at_period_end: bool,
    /// A pending change of the plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending_change: Option<PendingChangeView>,
    /// Number of the current period; 0 is the trial.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period_index: Option<i64>,
    /// Start of the current period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period_start: Option<Time>,
    /// End of the current period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period_end: Option<Time>,
    /// The current period is paid.
    pub period_paid: bool,
    /// Until when the plan applies while the period is unpaid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grace_until: Option<Time>,
    /// The payment that is awaited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_payment: Option<OpenPayment>,
    /// When the subscription ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canceled_at: Option<Time>,
    /// Why the subscription ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_reason: Option<EndReason>,
    /// The subscription needs a payment method: to begin its trial, or to resume after a dispute.
    pub needs_payment_method: bool,
    /// Actions that are allowed now.
    pub allowed_actions: Vec<Action>,
}

/// A pending change of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PendingPlanChange")]
pub struct PendingChangeView {
    /// Code of the new plan.
    pub plan_code: String,
    /// When the change happens.
    pub when: ChangeTime,
}

/// When a change of the plan happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "PlanChangeTime")]
pub enum ChangeTime {
    /// Immediately, or as soon as its price is paid.
    Now,
    /// At the end of the period.
    PeriodEnd,
}

/// A payment that is awaited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OpenPayment {
    /// Identifier; the provider's events name it as `payment_id` in their metadata.
    pub id: PaymentId,
    /// Amount in cents.
    pub amount_cents: i64,
    /// ISO 4217 code of the currency.
    pub currency: String,
    /// `pending`, `requires_action` when the payer must authenticate it, or `failed` when an attempt has failed.
    pub state: PaymentState,
}

/// The result of an action on a subscription, without the action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "SubscriptionPreview")]
pub struct Preview {
    /// The previewed action.
    pub action: Action,
    /// The subscription after the action and the payment that is due now.
    pub subscription: SubscriptionView,
    /// Amount due now, in cents.
    pub due_now_cents: i64,
    /// ISO 4217 code of the currency.
    pub currency: String,
    /// Coins granted with the action.
    pub coins: i64,
    /// When the change, the pause or the end takes effect.
    pub takes_effect_at: Time,
}

/// An event of a subscription. It is never changed and never deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "SubscriptionEvent")]
pub struct Record {
    /// Identifier.
    pub id: SubscriptionEventId,
    /// The subscription.
    pub subscription_id: SubscriptionId,
    /// Kind of event.
    pub kind: EventKind,
    /// State before the event.
    pub from: State,
    /// State after the event.
    pub to: State,
    /// Code of the plan after the event.
    pub plan_code: String,
    /// Number of the current period after the event.
    pub period_index: i64,
    /// Periods that passed without a charge because no server was running.
    pub missed_periods: i64,
    /// The service key that caused the event; absent for the user, and for what became due or was paid later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_id: Option<ApiKeyId>,
    /// When the event happened.
    pub created_at: Time,
}

/// The user's view of a subscription at `now`, with its open payment.
#[must_use]
pub fn view(subscription: &Subscription, open_payment: Option<OpenPayment>, now: Time) -> SubscriptionView {
    let pending = |PendingChange { plan, payment, .. }: &PendingChange| PendingChangeView {
        plan_code: plan.code.clone(),
        when: if payment.is_some() { ChangeTime::Now } else { ChangeTime::PeriodEnd },
    };
    let begun = !subscription.awaits_method();
    SubscriptionView {
        id: Some(subscription.id),
        plan_code: subscription.plan.code.clone(),
        state: subscription.state,
        entitled: subscription.entitles(now),
        cancel_at_period_end: subscription.cancel_at_period_end,
        pause_at_period_end: subscription.pause_at_period_end,
        pending_change: subscription.pending_change.as_ref().map(pending),
        period_index: begun.then_some(subscription.period_index),
        period_start: begun.then_some(subscription.period_start),
        period_end: begun.then_some(subscription.period_end),
        period_paid: subscription.period_paid,
        grace_until: subscription.grace_until,
        open_payment,
        canceled_at: subscription.canceled_at,
        end_reason: subscription.end_reason,
        needs_payment_method: subscription.needs_method || subscription.awaits_method(),
        allowed_actions: subscription.allowed_actions(),
    }
}

/// The view of a user who never subscribed.
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
        end_reason: None,
        needs_payment_method: false,
        allowed_actions: vec![Action::Subscribe],
    }
}
