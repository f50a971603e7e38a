//! Requests of the administration of users.

use domain::identity::{ManagedUserChange, Role, SuspensionReason};
use poem_openapi::Object;
use serde_json::{Value, json};

use crate::http::body::RequestBody;
use crate::http::problem::{Problem, Result, WithPointer};
use crate::http::text::Prose;
use crate::http::view::Choice;

/// A change of a user by an administrator.
#[derive(Object)]
pub(super) struct UpdateUser {
    /// A new role.
    role: Option<Choice<Role>>,
    /// `true` suspends the user and requires a `reason`; `false` restores the user.
    suspended: Option<bool>,
    /// The reason of the suspension, for administrators.
    reason: Option<Prose<1, 500>>,
}

impl RequestBody for UpdateUser {
    const MIN_FIELDS: usize = 1;

    fn example() -> Value {
        json!({"suspended": true, "reason": "Offers of stolen accounts in messages."})
    }
}

impl UpdateUser {
    pub(super) fn change(&self) -> Result<ManagedUserChange> {
        let reason = self.reason.as_deref().map(SuspensionReason::parse).transpose().at("/reason")?;
        let suspension = match (self.suspended, reason) {
            (Some(true), Some(reason)) => Some(Some(reason)),
            (Some(true), None) => return Err(Problem::invalid_at("/reason", "is required to suspend a user")),
            (_, Some(_)) => return Err(Problem::invalid_at("/reason", "is for a suspension: send it with `suspended`: true")),
            (Some(false), None) => Some(None),
            (None, None) => None,
        };
        Ok(ManagedUserChange { role: self.role.as_ref().map(|role| role.0), suspension })
    }
}
