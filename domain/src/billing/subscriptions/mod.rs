//! Plans and subscriptions: what a user may use, from when to when.
//!
//! A user has at most one subscription that is not over; without one the free plan applies. What may happen to a subscription is
//! one pure function, `machine::step`; storage loads the subscription under a lock, lets the machine move it and writes what it
//! asks for, all in one transaction.

mod machine;
mod model;
mod periods;

mod preview;

mod commands;
mod view;

use async_trait::async_trait;

pub use machine::{Charge, Effect, Event, EventKind, GrantOf, PlanGrant, Step, start, step};
pub use model::*;
pub use periods::{after, calendar_month};

pub use preview::{preview, preview_start, usual_time};

pub use commands::*;
pub use view::*;

use crate::billing::plans::Plan;
use crate::idempotency::{Attempt, Conflict, Once};
use crate::ids::UserId;
use crate::page::{InvalidCursor, Page, PageRequest};
use crate::{CachedResponse, ServiceError};

/// Why a subscription operation has no outcome.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SubscriptionError {
    /// What was to be previewed is refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The idempotency key stands for something else.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// The page does not exist.
    #[error(transparent)]
    Cursor(#[from] InvalidCursor),
    /// Something outside the rules failed.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// What became of a wish; a refusal is kept under its idempotency key like any other outcome.
pub type Outcome = Result<Once<Result<SubscriptionView, Refusal>>, SubscriptionError>;

/// The cacheable read of subscriptions.
#[async_trait]
pub trait SubscriptionReads: Send + Sync {
    /// A user's latest subscription, or what applies without one.
    ///
    /// # Errors
    /// Only faults.
    async fn subscription(&self, user: UserId) -> Result<CachedResponse<SubscriptionView>, ServiceError>;
}

/// The plans on offer, and what changes a subscription.
#[async_trait]
pub trait SubscriptionService: Send + Sync {
    /// The plans on offer, cheapest first.
    ///
    /// # Errors
    /// Only faults.
    async fn plans(&self) -> Result<Vec<Plan>, ServiceError>;

    /// A page of what has happened to a user's subscriptions, the latest first.
    ///
    /// # Errors
    /// [`SubscriptionError::Cursor`].
    async fn events(&self, user: UserId, page: &PageRequest) -> Result<Page<Record>, SubscriptionError>;

    /// What an action would come to; nothing is changed.
    ///
    /// # Errors
    /// [`SubscriptionError::Refused`].
    async fn preview(&self, user: UserId, of: PreviewOf) -> Result<Preview, SubscriptionError>;

    /// Subscribes to a plan, once per idempotency key.
    ///
    /// # Errors
    /// [`SubscriptionError::Conflict`].
    async fn subscribe(&self, user: UserId, attempt: Attempt<Subscribe>) -> Outcome;

    /// Cancels, once per idempotency key.
    ///
    /// # Errors
    /// [`SubscriptionError::Conflict`].
    async fn cancel(&self, user: UserId, attempt: Attempt<Cancel>) -> Outcome;

    /// Changes the plan, once per idempotency key.
    ///
    /// # Errors
    /// [`SubscriptionError::Conflict`].
    async fn change(&self, user: UserId, attempt: Attempt<Change>) -> Outcome;

    /// Pauses when the period ends, once per idempotency key.
    ///
    /// # Errors
    /// [`SubscriptionError::Conflict`].
    async fn pause(&self, user: UserId, attempt: Attempt<Pause>) -> Outcome;

    /// Withdraws a cancellation or a pause, or goes on after a pause, once per idempotency key.
    ///
    /// # Errors
    /// [`SubscriptionError::Conflict`].
    async fn resume(&self, user: UserId, attempt: Attempt<Resume>) -> Outcome;
}
