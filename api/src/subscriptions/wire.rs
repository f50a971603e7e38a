//! Plans and subscriptions on the wire.

use domain::{Time, ids::SubscriptionId, subscriptions};
use poem_openapi::{Enum, Object};
use serde::Serialize;
use serde_json::{Value, json};

use crate::body::Takes;
use crate::params::Id;
use crate::reply::Shows;
use crate::text::Line;

/// A wish to subscribe.
#[derive(Object)]
pub(super) struct StartSubscription {
    /// Code of the plan.
    pub(super) plan_code: Line<1, 64>,
}

impl Takes for StartSubscription {
    fn example() -> Value {
        json!({"plan_code": "plus"})
    }
}

/// A wish to cancel.
#[derive(Object)]
pub(super) struct CancelSubscription {
    /// At the end of the period instead of now.
    #[oai(default = "at_period_end")]
    pub(super) at_period_end: bool,
}

fn at_period_end() -> bool {
    true
}

impl Takes for CancelSubscription {
    fn example() -> Value {
        json!({"at_period_end": true})
    }
}

/// How often a plan is paid.
#[derive(Enum)]
#[oai(rename_all = "snake_case", rename = "PlanInterval", remote = "subscriptions::Interval")]
enum Interval {
    Month,
    Year,
}

/// What a plan allows.
#[derive(Object)]
#[oai(rename = "PlanLimits")]
pub(super) struct Limits {
    /// Messages a day.
    messages_per_day: i64,
    /// Pictures a day.
    images_per_day: i64,
    /// Jobs at the same time.
    concurrent_jobs: i64,
    /// Own characters.
    characters: i64,
    /// Own rooms.
    rooms: i64,
}

/// A plan on offer.
#[derive(Object)]
pub(crate) struct Plan {
    /// Its code in requests.
    code: String,
    /// Its version.
    version: i64,
    /// Its name for people.
    name: String,
    /// Price of an interval, in cents.
    price_cents: i64,
    /// ISO 4217 code of the price's currency.
    currency: String,
    interval: Interval,
    /// Days of trial before the first payment.
    trial_days: i64,
    /// Coins granted each period.
    coins_per_period: i64,
    limits: Limits,
}

impl Shows for Plan {
    type View = subscriptions::Plan;

    fn example() -> Value {
        json!({
            "code": "plus", "version": 1, "name": "Plus", "price_cents": 900, "currency": "USD", "interval": "month",
            "trial_days": 7, "coins_per_period": 500, "limits": example_limits(),
        })
    }
}

pub(super) fn example_limits() -> Value {
    json!({"messages_per_day": 5000, "images_per_day": 200, "concurrent_jobs": 2, "characters": 1000, "rooms": 10})
}

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
    /// Beginning of the current period.
    period_start: Option<Time>,
    /// End of the current period.
    period_end: Option<Time>,
    /// When it was canceled.
    canceled_at: Option<Time>,
    /// What may be done with it now.
    allowed_actions: Vec<SubscriptionAction>,
}

impl Shows for Subscription {
    type View = subscriptions::SubscriptionView;

    fn example() -> Value {
        json!({
            "id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D", "plan_code": "plus", "state": "canceled", "entitled": false,
            "cancel_at_period_end": true, "period_start": "2027-01-31T10:00:00Z", "period_end": "2027-02-28T10:00:00Z",
            "canceled_at": "2027-02-28T10:00:00Z", "allowed_actions": ["subscribe"],
        })
    }
}
