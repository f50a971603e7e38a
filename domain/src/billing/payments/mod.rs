//! Payments: their states, the provider's events, and purchases of coin packages.
//!
//! A payment provider reports payments in events. Events may arrive late, repeatedly and in any order. The state of a received payment is
//! a function of its [`Facts`], so every order of the same events results in the same state and ledger. Subscriptions and the ledger
//! apply the effects of a payment.

mod administration;
mod facts;
mod model;
mod provider;
mod rules;

use async_trait::async_trait;

pub use administration::*;
pub use facts::*;
pub use model::*;
pub use provider::*;
pub use rules::{PaymentFact, received};

use crate::ServiceError;
use crate::idempotency::{Attempt, Conflict, Once};
use crate::identity::{Forbidden, Placement, Principal};
use crate::ids::{PaymentId, UserId};
use crate::page::{InvalidCursor, Page, PageRequest};

/// Why a payment operation failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PaymentError {
    /// The payment or the provider does not exist, or the payment belongs to another user.
    #[error("there is no such payment")]
    NotFound,
    /// There is no coin package with this code.
    #[error("there is no coin package with this code")]
    NoSuchPackage,
    /// The actor is not an administrator.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The event is rejected.
    #[error(transparent)]
    InvalidEvent(#[from] InvalidEvent),
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

/// The outcome of an administrator's command on a payment.
pub type Administered = Result<Once<Result<PaymentView, PaymentRefusal>>, PaymentError>;

/// Payments, and purchases of coin packages.
#[async_trait]
pub trait PaymentService: Send + Sync {
    /// The coin packages on offer, the cheapest first.
    ///
    /// # Errors
    /// [`ServiceError`] only.
    async fn packages(&self) -> Result<Vec<Package>, ServiceError>;

    /// Purchases a package, once per idempotency key. Its coins are granted when the payment is paid.
    ///
    /// # Errors
    /// [`PaymentError::NoSuchPackage`], [`PaymentError::Conflict`].
    async fn purchase(&self, by: Placement, attempt: Attempt<Buy>) -> Result<Once<Purchase>, PaymentError>;

    /// A page of a user's purchases, the newest first.
    ///
    /// # Errors
    /// [`PaymentError::Cursor`].
    async fn purchases(&self, user: UserId, page: &PageRequest) -> Result<Page<Purchase>, PaymentError>;

    /// One purchase of a user.
    ///
    /// # Errors
    /// [`PaymentError::NotFound`].
    async fn purchase_of(&self, user: UserId, id: PaymentId) -> Result<Purchase, PaymentError>;

    /// A page of a user's payments, the newest first.
    ///
    /// # Errors
    /// [`PaymentError::Cursor`].
    async fn own_payments(&self, user: UserId, page: &PageRequest) -> Result<Page<OwnPayment>, PaymentError>;

    /// One payment of a user.
    ///
    /// # Errors
    /// [`PaymentError::NotFound`].
    async fn own_payment(&self, user: UserId, id: PaymentId) -> Result<OwnPayment, PaymentError>;

    /// A page of all users' payments that pass a filter, the newest first.
    ///
    /// # Errors
    /// [`PaymentError::Forbidden`], [`PaymentError::Cursor`].
    async fn payments(
        &self,
        actor: &Principal,
        filter: PaymentFilter,
        page: &PageRequest,
    ) -> Result<Page<PaymentView>, PaymentError>;

    /// Refunds a received payment of any user, in full or in part, once per idempotency key. A refusal is stored under the key.
    ///
    /// # Errors
    /// [`PaymentError::Forbidden`], [`PaymentError::NotFound`], [`PaymentError::Conflict`].
    async fn refund(&self, actor: &Principal, attempt: Attempt<RefundPayment>) -> Administered;

    /// Marks a payment of any user as received, for which the site has the money, once per idempotency key. A received payment stays as
    /// it is. A refusal is stored under the key.
    ///
    /// # Errors
    /// [`PaymentError::Forbidden`], [`PaymentError::NotFound`], [`PaymentError::Conflict`].
    async fn settle(&self, actor: &Principal, attempt: Attempt<SettlePayment>) -> Administered;

    /// Verifies and records a provider's event. Repeated deliveries of an event are recorded once.
    ///
    /// # Errors
    /// [`PaymentError::NotFound`] when there is no such provider, [`PaymentError::InvalidEvent`].
    async fn receive(&self, provider: &str, delivery: Delivery<'_>) -> Result<(), PaymentError>;
}
