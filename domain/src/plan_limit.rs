//! The refusal of what exceeds a limit of the user's plan.

/// A limit of the plan is reached (403).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the plan {plan} allows {limit}, and {used} are in use")]
pub struct LimitReached {
    /// The plan's limit.
    pub limit: i64,
    /// Current usage.
    pub used: i64,
    /// Code of the plan that applies.
    pub plan: String,
}

impl LimitReached {
    /// Checks that usage is below the limit, so that one more is allowed.
    ///
    /// # Errors
    /// [`LimitReached`] when `used` is at the limit or above.
    pub fn check(limit: i64, used: i64, plan: &str) -> Result<(), Self> {
        if used < limit { Ok(()) } else { Err(Self { limit, used, plan: plan.to_owned() }) }
    }
}
