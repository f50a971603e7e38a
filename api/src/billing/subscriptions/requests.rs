//! Requests of subscriptions.

use domain::billing::subscriptions::{Action, Cancel, Change, ChangeTime, PreviewOf, Subscribe};
use poem_openapi::Object;
use serde_json::{Value, json};

use crate::http::body::RequestBody;
use crate::http::text::Line;
use crate::http::view::Choice;

/// The plan to subscribe to.
#[derive(Object)]
pub(super) struct StartSubscription {
    /// Code of the plan.
    plan_code: Line<1, 64>,
}

impl RequestBody for StartSubscription {
    fn example() -> Value {
        json!({"plan_code": "plus"})
    }
}

impl StartSubscription {
    pub(super) fn command(&self) -> Subscribe {
        Subscribe { plan_code: self.plan_code.to_string() }
    }
}

/// When to cancel.
#[derive(Object)]
pub(super) struct CancelSubscription {
    /// At the end of the period instead of now.
    #[oai(default = "at_period_end")]
    at_period_end: bool,
}

fn at_period_end() -> bool {
    true
}

impl RequestBody for CancelSubscription {
    fn example() -> Value {
        json!({"at_period_end": true})
    }
}

impl CancelSubscription {
    pub(super) fn command(&self) -> Cancel {
        Cancel { at_period_end: self.at_period_end }
    }
}

/// The plan to change to. Without `when`, an upgrade or a change in the trial happens now, any other at the end of the period.
/// Naming the present plan withdraws a pending change.
#[derive(Object)]
pub(super) struct ChangeSubscription {
    /// Code of the new plan.
    plan_code: Line<1, 64>,
    when: Option<Choice<ChangeTime>>,
}

impl RequestBody for ChangeSubscription {
    fn example() -> Value {
        json!({"plan_code": "pro", "when": "now"})
    }
}

impl ChangeSubscription {
    pub(super) fn command(&self) -> Change {
        Change { plan_code: self.plan_code.to_string(), when: self.when.map(|when| when.0) }
    }
}

/// The action to preview.
#[derive(Object)]
pub(super) struct PreviewSubscription {
    action: Choice<Action>,
    /// Code of the new plan, for `subscribe`, `change` and `change_at_period_end`.
    plan_code: Option<Line<1, 64>>,
}

impl RequestBody for PreviewSubscription {
    fn example() -> Value {
        json!({"action": "cancel"})
    }
}

impl PreviewSubscription {
    pub(super) fn command(&self) -> PreviewOf {
        PreviewOf { action: self.action.0, plan_code: self.plan_code.as_ref().map(|code| code.to_string()) }
    }
}
