//! Coins: a ledger that only grows, lots that expire, and spends that are decided on the locked account.
//!
//! A correction is a new entry; nothing is updated or deleted. The rules are in `account`: storage loads an account under its
//! lock, lets the rules change it and writes what they changed, all in one transaction. Every spend is a hold that was captured,
//! some at once; so a refund finds where the coins came from.

mod account;
mod model;

use async_trait::async_trait;

pub use account::{Account, AccountTotals, Changes};
pub use model::*;

use crate::idempotency::{Attempt, Conflict, Once};
use crate::identity::{Actor, Forbidden};
use crate::ids::UserId;
use crate::page::{InvalidCursor, Page, PageRequest};
use crate::{CachedResponse, ServiceError};

/// Why a coin operation did not happen.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CoinError {
    /// The grant would take the balance over what an account may hold.
    #[error("an account cannot hold more than {MAX_BALANCE} coins")]
    BalanceLimitExceeded,
    /// There is no such user to grant coins to.
    #[error("there is no such user")]
    NoSuchUser,
    /// The user has no such hold.
    #[error("there is no such hold")]
    NoSuchHold,
    /// There is no such entry, or it captured nothing.
    #[error("no entry with this id captured coins")]
    NoSuchCapture,
    /// Only administrators grant and refund coins.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
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

impl CoinError {
    /// The fault that it is where nothing was asked that could be refused: any refusal is a bug there.
    #[must_use]
    pub fn into_service_error(self) -> ServiceError {
        match self {
            Self::Service(fault) => fault,
            refusal => ServiceError::bug(refusal),
        }
    }
}

/// The cacheable read of the coin ledger.
#[async_trait]
pub trait CoinReads: Send + Sync {
    /// What a user has, at this moment.
    ///
    /// # Errors
    /// Only faults.
    async fn balance(&self, user: UserId) -> Result<CachedResponse<Balance>, ServiceError>;
}

/// The coin ledger.
#[async_trait]
pub trait CoinService: Send + Sync {
    /// A page of the ledger, the newest entry first.
    ///
    /// # Errors
    /// [`CoinError::Cursor`].
    async fn ledger(&self, user: UserId, page: &PageRequest) -> Result<Page<Entry>, CoinError>;

    /// A page of the lots that still hold coins, the oldest first.
    ///
    /// # Errors
    /// [`CoinError::Cursor`].
    async fn lots(&self, user: UserId, page: &PageRequest) -> Result<Page<Lot>, CoinError>;

    /// Spends coins, once per idempotency key. To be refused for lack of coins is an outcome like any other: it is kept.
    ///
    /// # Errors
    /// [`CoinError::Conflict`].
    async fn spend(&self, user: UserId, attempt: Attempt<Spend>) -> Result<Once<Result<Spent, Insufficient>>, CoinError>;

    /// A page of the holds, open and ended, the newest first. A spend is a hold that was captured at once.
    ///
    /// # Errors
    /// [`CoinError::Cursor`].
    async fn holds(&self, user: UserId, page: &PageRequest) -> Result<Page<Hold>, CoinError>;

    /// Sets coins aside, once per idempotency key. As with a spend, a refusal is kept.
    ///
    /// # Errors
    /// [`CoinError::Conflict`].
    async fn hold(&self, user: UserId, attempt: Attempt<NewHold>) -> Result<Once<Result<Hold, Insufficient>>, CoinError>;

    /// Spends what a hold set aside, all or a part; the rest returns. A refusal is kept.
    ///
    /// # Errors
    /// [`CoinError::NoSuchHold`], [`CoinError::Conflict`].
    async fn capture(&self, user: UserId, attempt: Attempt<Capture>) -> Result<Once<Result<Hold, HoldRefusal>>, CoinError>;

    /// Gives back what a hold set aside. A refusal is kept.
    ///
    /// # Errors
    /// [`CoinError::NoSuchHold`], [`CoinError::Conflict`].
    async fn void(&self, user: UserId, attempt: Attempt<Void>) -> Result<Once<Result<Hold, HoldRefusal>>, CoinError>;

    /// Gives captured coins back as a new lot. A refusal is kept.
    ///
    /// # Errors
    /// [`CoinError::Forbidden`], [`CoinError::NoSuchCapture`], [`CoinError::BalanceLimitExceeded`], [`CoinError::Conflict`].
    async fn refund(&self, actor: &Actor, attempt: Attempt<Refund>) -> Result<Once<Result<Entry, RefundRefusal>>, CoinError>;

    /// Gives coins to a user, once per idempotency key.
    ///
    /// # Errors
    /// [`CoinError::Forbidden`], [`CoinError::NoSuchUser`], [`CoinError::BalanceLimitExceeded`], [`CoinError::Conflict`].
    async fn grant(&self, actor: &Actor, attempt: Attempt<AdminGrant>) -> Result<Once<Entry>, CoinError>;
}
