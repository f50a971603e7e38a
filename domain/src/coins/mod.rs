//! Coins: a ledger that only grows, lots that expire, and spends that are decided on the locked account.
//!
//! A correction is a new entry; nothing is updated or deleted. The rules are in `rules`: storage loads an account under its
//! lock, lets the rules post to it and writes what they posted, all in one transaction.

mod model;
mod rules;

use async_trait::async_trait;

pub use model::*;
pub use rules::{Account, Grant, Posting};

use crate::accounts::{Actor, Forbidden};
use crate::idempotency::{Attempt, Conflict, Once};
use crate::ids::UserId;
use crate::page::{InvalidCursor, Page, PageRequest};
use crate::{Answer, Fault};

/// Why a coin operation did not happen.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CoinError {
    /// The grant would take the balance over what an account may hold.
    #[error("an account cannot hold more than {MAX_BALANCE} coins")]
    TooRich,
    /// There is no such user to grant coins to.
    #[error("there is no such user")]
    NoSuchUser,
    /// Only administrators grant coins.
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
    Fault(#[from] Fault),
}

/// The coin ledger.
#[async_trait]
pub trait CoinService: Send + Sync {
    /// What a user has, at this moment.
    ///
    /// # Errors
    /// Only faults.
    async fn balance(&self, user: UserId) -> Result<Answer<Balance>, Fault>;

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

    /// Gives coins to a user, once per idempotency key.
    ///
    /// # Errors
    /// [`CoinError::Forbidden`], [`CoinError::NoSuchUser`], [`CoinError::TooRich`], [`CoinError::Conflict`].
    async fn grant(&self, actor: &Actor, attempt: Attempt<AdminGrant>) -> Result<Once<Entry>, CoinError>;
}
