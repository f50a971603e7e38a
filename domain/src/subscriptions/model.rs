//! Values of plans and subscriptions.

use serde::{Deserialize, Serialize};

use crate::Time;
use crate::ids::SubscriptionId;

/// The code of the plan that applies without a subscription.
pub const FREE_PLAN: &str = "free";

/// How often a plan is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interval {
    /// Each month.
    Month,
    /// Each year.
    Year,
}

/// What a plan allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Messages a day.
    pub messages_per_day: i64,
    /// Pictures a day.
    pub images_per_day: i64,
    /// Jobs at the same time.
    pub concurrent_jobs: i64,
    /// Own characters.
    pub characters: i64,
    /// Own rooms.
    pub rooms: i64,
}

/// A plan on offer. A version of a plan never changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Its code in requests.
    pub code: String,
    /// Its version.
    pub version: i64,
    /// Its name for people.
    pub name: String,
    /// Price of an interval, in cents.
    pub price_cents: i64,
    /// ISO 4217 code of the price's currency.
    pub currency: String,
    /// How often it is paid.
    pub interval: Interval,
    /// Days of trial before the first payment.
    pub trial_days: i64,
    /// Coins granted each period.
    pub coins_per_period: i64,
    /// What it allows.
    pub limits: Limits,
}

/// The state of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    /// Canceled; final.
    Canceled,
    /// Never paid; final.
    Expired,
}

impl State {
    /// Nothing can happen to it any more.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Canceled | Self::Expired)
    }
}

/// What a user may do with a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Start a new one.
    Subscribe,
    /// Cancel it, now or at the end of the period.
    Cancel,
}

/// A subscription as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Identifier.
    pub id: SubscriptionId,
    /// Code of its plan.
    pub plan_code: String,
    /// Version of its plan.
    pub plan_version: i64,
    /// State.
    pub state: State,
    /// It ends with the period.
    pub cancel_at_period_end: bool,
    /// From where the periods are counted.
    pub anchor_at: Time,
    /// Number of the current period; 0 is the trial.
    pub period_index: i64,
    /// Beginning of the current period.
    pub period_start: Time,
    /// End of the current period.
    pub period_end: Time,
    /// When it was canceled.
    pub canceled_at: Option<Time>,
    /// When it was made.
    pub created_at: Time,
    /// Counts the changes.
    pub version: i64,
}

/// A subscription as its user sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Beginning of the current period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period_start: Option<Time>,
    /// End of the current period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period_end: Option<Time>,
    /// When it was canceled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canceled_at: Option<Time>,
    /// What may be done with it now.
    pub allowed_actions: Vec<Action>,
}

/// A wish to subscribe.
#[derive(Debug, Clone, Serialize)]
pub struct Subscribe {
    /// Code of the plan.
    pub plan_code: String,
}

/// A wish to cancel.
#[derive(Debug, Clone, Serialize)]
pub struct Cancel {
    /// At the end of the period instead of now.
    pub at_period_end: bool,
}

/// The subscription's state does not allow it (409).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("the state of the subscription does not allow this")]
pub struct InvalidTransition {
    /// The state.
    pub state: State,
    /// What may be done instead.
    pub allowed_actions: Vec<Action>,
}
