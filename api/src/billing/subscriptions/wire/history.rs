//! What was and what would be, on the wire.

use domain::Time;
use domain::billing::subscriptions;
use domain::ids::{SubscriptionEventId, SubscriptionId};
use poem_openapi::{Enum, Object};
use serde_json::{Value, json};

use super::{Subscription, SubscriptionAction, SubscriptionState};
use crate::http::params::Id;
use crate::http::reply::ResponseBody;

/// What would become of a subscription.
#[derive(Object)]
pub(crate) struct SubscriptionPreview {
    action: SubscriptionAction,
    subscription: Subscription,
    /// What is due now, in cents.
    due_now_cents: i64,
    /// ISO 4217 code of the currency.
    currency: String,
    /// Coins that come with it.
    coins: i64,
    /// When the change of the plan, the pause or the end comes about.
    takes_effect_at: Time,
}

impl ResponseBody for SubscriptionPreview {
    type View = subscriptions::Preview;

    fn example() -> Value {
        json!({
            "action": "change", "subscription": Subscription::example(), "due_now_cents": 1286, "currency": "USD", "coins": 964,
            "takes_effect_at": "2027-02-10T10:00:00Z",
        })
    }
}

/// What happened to a subscription.
#[derive(Enum)]
#[oai(rename_all = "snake_case", rename = "SubscriptionEventKind", remote = "subscriptions::EventKind")]
enum EventKind {
    Subscribed,
    PaymentOk,
    PaymentFailed,
    IncompleteTimeout,
    TrialEnd,
    PeriodEnd,
    Retry,
    DunningEnd,
    Cancel,
    CancelAtPeriodEnd,
    Resume,
    Pause,
    Change,
    ChangeAtPeriodEnd,
    Refund,
}

/// Something that happened to a subscription.
#[derive(Object)]
pub(crate) struct SubscriptionEvent {
    /// Identifier.
    id: Id<SubscriptionEventId>,
    /// The subscription.
    subscription_id: Id<SubscriptionId>,
    kind: EventKind,
    from: SubscriptionState,
    to: SubscriptionState,
    /// Code of the plan after it.
    plan_code: String,
    /// Number of the current period after it.
    period_index: i64,
    /// Periods that went by unpaid and uncharged while nobody was there to begin them.
    missed_periods: i64,
    /// When.
    created_at: Time,
}

impl ResponseBody for SubscriptionEvent {
    type View = subscriptions::Record;

    fn example() -> Value {
        json!({
            "id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D", "subscription_id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6E", "kind": "payment_ok",
            "from": "past_due", "to": "active", "plan_code": "plus", "period_index": 3, "missed_periods": 0,
            "created_at": "2027-04-02T10:00:00Z",
        })
    }
}
