//! Plans and subscriptions: what a user may use, from when to when.
//!
//! A user has at most one subscription that is not over; without one the free plan applies.

mod model;
mod rules;
mod stats;

use async_trait::async_trait;

pub use model::*;
pub use rules::{calendar_month, cancel, period_end, start, view, view_of_none};
pub use stats::*;

use crate::idempotency::{Attempt, Conflict, Once};
use crate::ids::UserId;
use crate::{Answer, Fault};

/// Why a subscription operation did not happen.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SubscriptionError {
    /// There is no plan with this code.
    #[error("there is no plan with this code")]
    NoSuchPlan,
    /// The user has a subscription that is not over.
    #[error("there is a subscription already; cancel or change it instead")]
    AlreadySubscribed,
    /// The idempotency key stands for something else.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// Something outside the rules failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Plans and subscriptions.
#[async_trait]
pub trait SubscriptionService: Send + Sync {
    /// The plans on offer, cheapest first.
    ///
    /// # Errors
    /// Only faults.
    async fn plans(&self) -> Result<Vec<Plan>, Fault>;

    /// A user's latest subscription, or what applies without one.
    ///
    /// # Errors
    /// Only faults.
    async fn read(&self, user: UserId) -> Result<Answer<SubscriptionView>, Fault>;

    /// What a user has used in the current period and today, and what is left.
    ///
    /// # Errors
    /// Only faults.
    async fn stats(&self, user: UserId) -> Result<Answer<Stats>, Fault>;

    /// Subscribes to a plan, once per idempotency key.
    ///
    /// # Errors
    /// [`SubscriptionError::NoSuchPlan`], [`SubscriptionError::AlreadySubscribed`], [`SubscriptionError::Conflict`].
    async fn subscribe(&self, user: UserId, attempt: Attempt<Subscribe>) -> Result<Once<SubscriptionView>, SubscriptionError>;

    /// Cancels, once per idempotency key. A refusal is an outcome like any other: it is kept.
    ///
    /// # Errors
    /// [`SubscriptionError::Conflict`].
    async fn cancel(
        &self,
        user: UserId,
        attempt: Attempt<Cancel>,
    ) -> Result<Once<Result<SubscriptionView, InvalidTransition>>, SubscriptionError>;
}
