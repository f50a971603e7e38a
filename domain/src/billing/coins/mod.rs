//! The coin ledger: an append-only ledger per user, lots that expire, holds and refunds.
//!
//! Entries are never updated or deleted; a correction is a new entry. The rules are in `account`. In one transaction, storage locks
//! and loads an account, applies the rules, and writes the changes. Every spend is a captured hold, so a refund finds the lots
//! that the coins came from. Storage is left to `infra`, and payments to `payments`.

mod account;
mod model;

use async_trait::async_trait;

pub use account::{Account, AccountTotals, Changes};
pub use model::*;

use crate::idempotency::{Attempt, Conflict, Once};
use crate::identity::{Forbidden, Placement, Principal};
use crate::ids::UserId;
use crate::page::{InvalidCursor, Page, PageRequest};
use crate::{CachedResponse, ServiceError};

/// Why a coin operation failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CoinError {
    /// The balance would exceed [`MAX_BALANCE`].
    #[error("an account cannot hold more than {MAX_BALANCE} coins")]
    BalanceLimitExceeded,
    /// The user to grant coins to does not exist.
    #[error("there is no such user")]
    NoSuchUser,
    /// The user has no such hold.
    #[error("there is no such hold")]
    NoSuchHold,
    /// The entry does not exist, or is not a capture.
    #[error("there is no capture with this entry id")]
    NoSuchCapture,
    /// Only an administrator refunds what a user captured, and only the site or an administrator what the site captured.
    #[error("only the site refunds its own captures")]
    NotOwnCapture,
    /// The actor is not an administrator.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
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

impl CoinError {
    /// Converts the error where no refusal is possible: a refusal becomes [`ServiceError::Bug`].
    #[must_use]
    pub fn into_service_error(self) -> ServiceError {
        match self {
            Self::Service(error) => error,
            refusal => ServiceError::bug(refusal),
        }
    }
}

/// The cacheable read of the coin ledger.
#[async_trait]
pub trait CoinReads: Send + Sync {
    /// A user's balance now.
    ///
    /// # Errors
    /// [`ServiceError`] only.
    async fn balance(&self, user: UserId) -> Result<CachedResponse<Balance>, ServiceError>;
}

/// The coin ledger.
#[async_trait]
pub trait CoinService: Send + Sync {
    /// A page of a user's ledger, the newest entry first.
    ///
    /// # Errors
    /// [`CoinError::Cursor`].
    async fn ledger(&self, user: UserId, page: &PageRequest) -> Result<Page<Entry>, CoinError>;

    /// A page of a user's lots with remaining coins, the oldest first.
    ///
    /// # Errors
    /// [`CoinError::Cursor`].
    async fn lots(&self, user: UserId, page: &PageRequest) -> Result<Page<Lot>, CoinError>;

    /// Spends coins, once per idempotency key. A refusal is an outcome and is stored under the key.
    ///
    /// # Errors
    /// [`CoinError::Conflict`].
    async fn spend(&self, by: Placement, attempt: Attempt<Spend>) -> Result<Once<Result<Spent, Insufficient>>, CoinError>;

    /// A page of a user's holds, open and finished, the newest first. A spend is listed as a captured hold.
    ///
    /// # Errors
    /// [`CoinError::Cursor`].
    async fn holds(&self, user: UserId, page: &PageRequest) -> Result<Page<Hold>, CoinError>;

    /// Holds coins, once per idempotency key. A refusal is stored under the key.
    ///
    /// # Errors
    /// [`CoinError::Conflict`].
    async fn hold(&self, by: Placement, attempt: Attempt<NewHold>) -> Result<Once<Result<Hold, Insufficient>>, CoinError>;

    /// Captures all or part of a hold of the user, once per idempotency key, and releases the rest. Only its placer may. A refusal is
    /// stored under the key.
    ///
    /// # Errors
    /// [`CoinError::NoSuchHold`], [`CoinError::Conflict`].
    async fn capture(&self, by: Placement, attempt: Attempt<Capture>) -> Result<Once<Result<Hold, HoldRefusal>>, CoinError>;

    /// Voids a hold of the user, once per idempotency key, and releases its coins. Only its placer may. A refusal is stored under the
    /// key.
    ///
    /// # Errors
    /// [`CoinError::NoSuchHold`], [`CoinError::Conflict`].
    async fn void(&self, by: Placement, attempt: Attempt<Void>) -> Result<Once<Result<Hold, HoldRefusal>>, CoinError>;

    /// Refunds coins of the user that the site captured as a new lot, once per idempotency key. A refusal is stored under the key.
    ///
    /// # Errors
    /// [`CoinError::NotOwnCapture`], [`CoinError::NoSuchCapture`], [`CoinError::BalanceLimitExceeded`], [`CoinError::Conflict`].
    async fn refund_own(&self, by: Placement, attempt: Attempt<Refund>) -> Result<Once<Result<Entry, RefundRefusal>>, CoinError>;

    /// Captures a hold of any user, as an administrator.
    ///
    /// # Errors
    /// [`CoinError::Forbidden`], [`CoinError::NoSuchHold`], [`CoinError::Conflict`].
    async fn capture_any(
        &self,
        actor: &Principal,
        attempt: Attempt<Capture>,
    ) -> Result<Once<Result<Hold, HoldRefusal>>, CoinError>;

    /// Voids a hold of any user, as an administrator.
    ///
    /// # Errors
    /// [`CoinError::Forbidden`], [`CoinError::NoSuchHold`], [`CoinError::Conflict`].
    async fn void_any(&self, actor: &Principal, attempt: Attempt<Void>) -> Result<Once<Result<Hold, HoldRefusal>>, CoinError>;

    /// Refunds captured coins of any user as a new lot, as an administrator, once per idempotency key. A refusal is stored under the
    /// key.
    ///
    /// # Errors
    /// [`CoinError::Forbidden`], [`CoinError::NoSuchCapture`], [`CoinError::BalanceLimitExceeded`], [`CoinError::Conflict`].
    async fn refund(&self, actor: &Principal, attempt: Attempt<Refund>) -> Result<Once<Result<Entry, RefundRefusal>>, CoinError>;

    /// Grants coins to a user, once per idempotency key.
    ///
    /// # Errors
    /// [`CoinError::Forbidden`], [`CoinError::NoSuchUser`], [`CoinError::BalanceLimitExceeded`], [`CoinError::Conflict`].
    async fn grant(&self, actor: &Principal, attempt: Attempt<AdminGrant>) -> Result<Once<Entry>, CoinError>;
}
