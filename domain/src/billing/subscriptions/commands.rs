//! Commands on subscriptions, and their refusals.

use serde::{Deserialize, Serialize};

use super::{Action, ChangeTime, State};

/// The command to subscribe.
#[derive(Debug, Clone, Serialize)]
pub struct Subscribe {
    /// Code of the plan.
    pub plan_code: String,
}

/// The command to cancel.
#[derive(Debug, Clone, Serialize)]
pub struct Cancel {
    /// Whether to cancel at the end of the period instead of now.
    pub at_period_end: bool,
}

/// The command to change to another plan.
#[derive(Debug, Clone, Serialize)]
pub struct Change {
    /// Code of the new plan.
    pub plan_code: String,
    /// When the change takes effect. By default an upgrade, or a change in the trial, takes effect now; any other change does at the
    /// end of the period.
    pub when: Option<ChangeTime>,
}

/// The command to pause at the end of the period.
#[derive(Debug, Clone, Serialize)]
pub struct Pause;

/// The command to withdraw a cancellation or a pause, or to resume after a pause.
#[derive(Debug, Clone, Serialize)]
pub struct Resume;

/// A request for the preview of an action.
#[derive(Debug, Clone)]
pub struct PreviewOf {
    /// The action.
    pub action: Action,
    /// Code of the new plan, for the actions that need one.
    pub plan_code: Option<String>,
}

/// Why a command is refused. A refusal is an outcome and is stored under the idempotency key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The subscription's state does not allow the action.
    #[error(transparent)]
    Transition(InvalidTransition),
    /// The user has a subscription that is not in a final state.
    #[error("the user already has a subscription")]
    AlreadySubscribed(InvalidTransition),
    /// There is no paid plan with this code.
    #[error("there is no paid plan with this code")]
    NoSuchPlan,
    /// The new plan is the current plan.
    #[error("the new plan is the current plan")]
    SamePlan,
    /// Within a period, only a change to a plan with a higher price and the same interval and currency is allowed.
    #[error("only a change to a plan with a higher price and the same interval can take effect now")]
    NotAnUpgrade,
}

/// The subscription's state does not allow the action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("the state of the subscription does not allow this action")]
pub struct InvalidTransition {
    /// The state.
    pub state: State,
    /// The actions that the state allows.
    pub allowed_actions: Vec<Action>,
}
