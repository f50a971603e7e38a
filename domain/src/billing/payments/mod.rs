//! Payments: money that is asked for, and what its coming, failing and going back does.
//!
//! A provider of payments tells of money in events that may come late, twice and in any order. What a payment has become is the
//! furthest thing that was ever told of it, so every order of the same events settles to the same books.

mod model;
mod provider;
mod rules;

use async_trait::async_trait;

pub use model::*;
pub use provider::*;
pub use rules::PaymentFact;

use crate::ServiceError;
use crate::idempotency::{Attempt, Conflict, Once};
use crate::identity::{Actor, Forbidden};
use crate::ids::{PaymentId, UserId};
use crate::page::{InvalidCursor, Page, PageRequest};

/// Why a payment operation has no outcome.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PaymentError {
    /// There is no such payment, or it is somebody else's.
    #[error("there is no such payment")]
    NotFound,
    /// There is no such package of coins.
    #[error("there is no such package of coins")]
    NoSuchPackage,
    /// Only administrators look at everybody's payments.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The event is not one of the provider's.
    #[error(transparent)]
    InvalidEvent(#[from] InvalidEvent),
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

/// Payments, and the coins that are bought with them.
#[async_trait]
pub trait PaymentService: Send + Sync {
    /// The packages of coins on offer, cheapest first.
    ///
    /// # Errors
    /// Only faults.
    async fn packages(&self) -> Result<Vec<Package>, ServiceError>;

    /// Buys a package, once per idempotency key. Its coins come when it is paid.
    ///
    /// # Errors
    /// [`PaymentError::NoSuchPackage`], [`PaymentError::Conflict`].
    async fn purchase(&self, user: UserId, attempt: Attempt<Buy>) -> Result<Once<Purchase>, PaymentError>;

    /// A page of a user's purchases, the latest first.
    ///
    /// # Errors
    /// [`PaymentError::Cursor`].
    async fn purchases(&self, user: UserId, page: &PageRequest) -> Result<Page<Purchase>, PaymentError>;

    /// One purchase.
    ///
    /// # Errors
    /// [`PaymentError::NotFound`].
    async fn purchase_of(&self, user: UserId, id: PaymentId) -> Result<Purchase, PaymentError>;

    /// A page of everybody's payments, the latest first.
    ///
    /// # Errors
    /// [`PaymentError::Forbidden`], [`PaymentError::Cursor`].
    async fn payments(
        &self,
        actor: &Actor,
        state: Option<PaymentState>,
        page: &PageRequest,
    ) -> Result<Page<PaymentView>, PaymentError>;

    /// Records a provider's event, once, however often it comes.
    ///
    /// # Errors
    /// [`PaymentError::NotFound`] without such a provider, [`PaymentError::InvalidEvent`].
    async fn receive(&self, provider: &str, delivery: Delivery<'_>) -> Result<(), PaymentError>;
}
