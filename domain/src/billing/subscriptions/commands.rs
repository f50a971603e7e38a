//! What people wish of subscriptions, and why they may be refused.

use serde::{Deserialize, Serialize};

use super::{Action, ChangeTime, State};

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

/// A wish to change to another plan.
#[derive(Debug, Clone, Serialize)]
pub struct Change {
    /// Code of the plan to be.
    pub plan_code: String,
    /// When; unless said, an upgrade or a change in the trial happens now and any other when the period ends.
    pub when: Option<ChangeTime>,
}

/// A wish to pause.
#[derive(Debug, Clone, Serialize)]
pub struct Pause;

/// A wish to go on.
#[derive(Debug, Clone, Serialize)]
pub struct Resume;

/// A wish to know what an action would come to.
#[derive(Debug, Clone)]
pub struct PreviewOf {
    /// The action.
    pub action: Action,
    /// Code of the plan to be, for the actions that need one.
    pub plan_code: Option<String>,
}

/// Why a wish is refused. A refusal is an outcome like any other: it is kept under its idempotency key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The subscription's state does not allow it.
    #[error(transparent)]
    Transition(InvalidTransition),
    /// There is a subscription that is not over.
    #[error("there is a subscription already")]
    AlreadySubscribed(InvalidTransition),
    /// There is no such plan to pay for.
    #[error("there is no plan with this code that is paid for")]
    NoSuchPlan,
    /// It is the plan already.
    #[error("it is the plan already")]
    SamePlan,
    /// Only what costs more in the same interval can be changed to in the middle of a period.
    #[error("only a plan that costs more in the same interval can be changed to now")]
    NotAnUpgrade,
}

/// The subscription's state does not allow it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("the state of the subscription does not allow this")]
pub struct InvalidTransition {
    /// The state.
    pub state: State,
    /// What may be done instead.
    pub allowed_actions: Vec<Action>,
}
