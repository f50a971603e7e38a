//! What people wish of subscriptions, on the wire.

use domain::billing::subscriptions;
use domain::billing::subscriptions::{Change, PreviewOf, Subscribe};
use poem_openapi::Object;
use serde_json::{Value, json};

use super::{ChangeTime, SubscriptionAction};
use crate::http::body::RequestBody;
use crate::http::text::Line;

/// A wish to subscribe.
#[derive(Object)]
pub(in crate::billing::subscriptions) struct StartSubscription {
    /// Code of the plan.
    plan_code: Line<1, 64>,
}

impl RequestBody for StartSubscription {
    fn example() -> Value {
        json!({"plan_code": "plus"})
    }
}

impl StartSubscription {
    pub(in crate::billing::subscriptions) fn wish(&self) -> Subscribe {
        Subscribe { plan_code: self.plan_code.to_string() }
    }
}

/// A wish to cancel.
#[derive(Object)]
pub(in crate::billing::subscriptions) struct CancelSubscription {
    /// At the end of the period instead of now.
    #[oai(default = "at_period_end")]
    pub(in crate::billing::subscriptions) at_period_end: bool,
}

fn at_period_end() -> bool {
    true
}

impl RequestBody for CancelSubscription {
    fn example() -> Value {
        json!({"at_period_end": true})
    }
}

/// A wish to change to another plan. Unless `when` says, an upgrade or a change in the trial happens now and any other when the
/// period ends. To wish for the present plan takes a pending change back.
#[derive(Object)]
pub(in crate::billing::subscriptions) struct ChangeSubscription {
    /// Code of the plan to be.
    plan_code: Line<1, 64>,
    when: Option<ChangeTime>,
}

impl RequestBody for ChangeSubscription {
    fn example() -> Value {
        json!({"plan_code": "pro", "when": "now"})
    }
}

impl ChangeSubscription {
    pub(in crate::billing::subscriptions) fn wish(self) -> Change {
        Change { plan_code: self.plan_code.to_string(), when: self.when.map(Into::into) }
    }
}

/// A wish to know what an action would come to.
#[derive(Object)]
pub(in crate::billing::subscriptions) struct PreviewSubscription {
    action: SubscriptionAction,
    /// Code of the plan to be, for `subscribe`, `change` and `change_at_period_end`.
    plan_code: Option<Line<1, 64>>,
}

impl RequestBody for PreviewSubscription {
    fn example() -> Value {
        json!({"action": "change", "plan_code": "pro"})
    }
}

impl PreviewSubscription {
    pub(in crate::billing::subscriptions) fn wish(self) -> PreviewOf {
        let action: subscriptions::Action = self.action.into();
        PreviewOf { action, plan_code: self.plan_code.map(|code| code.to_string()) }
    }
}
