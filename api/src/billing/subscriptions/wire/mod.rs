//! Subscriptions on the wire.

mod history;
mod plan;
mod wishes;

use domain::Time;
use domain::billing::subscriptions;
use domain::ids::{PaymentId, SubscriptionId};
use poem_openapi::{Enum, Object};
use serde::Serialize;
use serde_json::{Value, json};

pub(crate) use history::{SubscriptionEvent, SubscriptionPreview};
pub(crate) use plan::Plan;
pub(super) use plan::{Limits, example_limits};
pub(super) use wishes::{CancelSubscription, ChangeSubscription, PreviewSubscription, StartSubscription};

use crate::billing::payments::PaymentState;
use crate::http::params::Id;
use crate::http::reply::ResponseBody;

/// The state of a subscription; `none` without one.
#[derive(Debug, Serialize, Enum)]
#[serde(rename_all = "snake_case")]
#[oai(rename_all = "snake_case", remote = "subscriptions::State")]
pub(crate) enum SubscriptionState {
    None,
    Incomplete,
    Trialing,
    Active,
    PastDue,
    Paused,
    Canceled,
    Expired,
}

/// What may be done with a subscription.
#[derive(Debug, Serialize, Enum)]
#[serde(rename_all = "snake_case")]
#[oai(rename_all = "snake_case", remote = "subscriptions::Action")]
pub(crate) enum SubscriptionAction {
    Subscribe,
    Cancel,
    CancelAtPeriodEnd,
    Resume,
    Pause,
    Change,
    ChangeAtPeriodEnd,
}

/// A subscription, or what applies without one.
#[derive(Object)]
pub(crate) struct Subscription {
    /// Identifier; absent without a subscription.
    id: Option<Id<SubscriptionId>>,
    /// Code of its plan; `free` without a subscription.
    plan_code: String,
    state: SubscriptionState,
    /// The plan's benefits apply at this moment.
    entitled: bool,
    /// It ends with the period.
    cancel_at_period_end: bool,
    /// It pauses when the period ends.
    pause_at_period_end: bool,
    pending_change: Option<PendingChange>,
    /// Number of the current period; 0 is the trial.
    period_index: Option<i64>,
    /// Beginning of the current period.
    period_start: Option<Time>,
    /// End of the current period.
    period_end: Option<Time>,
    /// The current period is paid.
    period_paid: bool,
    /// While a payment is overdue: until when the plan applies all the same.
    grace_until: Option<Time>,
    open_payment: Option<OpenPayment>,
    /// When it ended.
    canceled_at: Option<Time>,
    /// What may be done with it now.
    allowed_actions: Vec<SubscriptionAction>,
}

/// When a change of the plan happens: `now` is at once, or as soon as its price is paid.
#[derive(Enum)]
#[oai(rename_all = "snake_case", rename = "PlanChangeTime", remote = "subscriptions::ChangeTime")]
enum ChangeTime {
    Now,
    PeriodEnd,
}

/// A change of the plan that has not happened yet.
#[derive(Object)]
#[oai(rename = "PendingPlanChange")]
struct PendingChange {
    /// Code of the plan to be.
    plan_code: String,
    when: ChangeTime,
}

/// The payment that is awaited.
#[derive(Object)]
struct OpenPayment {
    /// Identifier; the provider's event names it as `payment_id` in its metadata.
    id: Id<PaymentId>,
    /// How much, in cents.
    amount_cents: i64,
    /// ISO 4217 code of the currency.
    currency: String,
    state: PaymentState,
}

impl ResponseBody for Subscription {
    type View = subscriptions::SubscriptionView;

    fn example() -> Value {
        json!({
            "id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D", "plan_code": "plus", "state": "canceled", "entitled": false,
            "cancel_at_period_end": true, "pause_at_period_end": false,
            "pending_change": {"plan_code": "pro", "when": "period_end"}, "period_index": 1,
            "period_start": "2027-01-31T10:00:00Z", "period_end": "2027-02-28T10:00:00Z", "period_paid": false,
            "grace_until": "2027-02-07T10:00:00Z",
            "open_payment": {"id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6E", "amount_cents": 900, "currency": "USD", "state": "failed"},
            "canceled_at": "2027-02-28T10:00:00Z", "allowed_actions": ["subscribe"],
        })
    }
}
