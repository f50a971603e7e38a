//! Subscriptions: the state machine, periods, previews and views.
//!
//! A user has at most one subscription that is not in a final state; without one the free plan applies. One pure function,
//! `machine::step`, decides every transition. In one transaction, storage locks and loads the subscription, calls `step`, and applies
//! its effects.

mod machine;
mod model;
mod periods;

mod preview;

mod commands;
mod view;

use async_trait::async_trait;

pub use machine::{Charge, Effect, Event, EventKind, GrantOf, PlanGrant, Rollover, Step, begins_free, start, step};
pub use model::*;
pub use periods::{after, calendar_month};

pub use preview::{default_change_time, preview, preview_start};

pub use commands::*;
pub use view::*;

use crate::billing::plans::Plan;
use crate::idempotency::{Attempt, Conflict, Once};
use crate::identity::Placement;
use crate::ids::UserId;
use crate::page::{InvalidCursor, Page, PageRequest};
use crate::{CachedResponse, ServiceError};

/// Why a subscription operation failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SubscriptionError {
    /// The previewed action is refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The subscription begins with free coins, and the user's e-mail address is not verified. Nothing is stored under the key.
    #[error("the e-mail address is not verified")]
    EmailNotVerified,
    /// The idempotency key is in use, or was used for another request.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// The page's cursor is invalid.
    #[error(transparent)]
    Cursor(#[from] InvalidCursor),
    /// A dependency is unavailable, or a bug occurred.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// The outcome of a command. A refusal is stored under the idempotency key like any other outcome.
pub type Outcome = Result<Once<Result<SubscriptionView, Refusal>>, SubscriptionError>;

/// The cacheable read of subscriptions.
#[async_trait]
pub trait SubscriptionReads: Send + Sync {
    /// A user's newest subscription; the free plan if there is none.
    ///
    /// # Errors
    /// [`ServiceError`] only.
    async fn subscription(&self, user: UserId) -> Result<CachedResponse<SubscriptionView>, ServiceError>;
}

/// The plans on offer, and the commands on subscriptions.
#[async_trait]
pub trait SubscriptionService: Send + Sync {
    /// The plans on offer, the cheapest first.
    ///
    /// # Errors
    /// [`ServiceError`] only.
    async fn plans(&self) -> Result<Vec<Plan>, ServiceError>;

    /// A page of the history of a user's subscriptions, the newest event first.
    ///
    /// # Errors
    /// [`SubscriptionError::Cursor`].
    async fn events(&self, user: UserId, page: &PageRequest) -> Result<Page<Record>, SubscriptionError>;

    /// Previews an action without any change.
    ///
    /// # Errors
    /// [`SubscriptionError::Refused`].
    async fn preview(&self, user: UserId, of: PreviewOf) -> Result<Preview, SubscriptionError>;

    /// Starts a subscription to a plan, once per idempotency key.
    ///
    /// # Errors
    /// [`SubscriptionError::Conflict`].
    async fn subscribe(&self, by: Placement, attempt: Attempt<Subscribe>) -> Outcome;

    /// Cancels the subscription, once per idempotency key.
    ///
    /// # Errors
    /// [`SubscriptionError::Conflict`].
    async fn cancel(&self, by: Placement, attempt: Attempt<Cancel>) -> Outcome;

    /// Changes the plan, once per idempotency key.
    ///
    /// # Errors
    /// [`SubscriptionError::Conflict`].
    async fn change(&self, by: Placement, attempt: Attempt<Change>) -> Outcome;

    /// Pauses the subscription at the end of the period, once per idempotency key.
    ///
    /// # Errors
    /// [`SubscriptionError::Conflict`].
    async fn pause(&self, by: Placement, attempt: Attempt<Pause>) -> Outcome;

    /// Withdraws a cancellation or a pause, or resumes after a pause, once per idempotency key.
    ///
    /// # Errors
    /// [`SubscriptionError::Conflict`].
    async fn resume(&self, by: Placement, attempt: Attempt<Resume>) -> Outcome;
}
