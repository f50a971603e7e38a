//! Accounts: who somebody is and how they prove it.
//!
//! A login makes a session; the session's refresh token is rotated at each use, and an old one used again ends the session
//! (OAuth 2.0 Security BCP, RFC 9700, section 4.14). An unknown e-mail and a wrong password are answered alike and cost the same.

mod model;
pub mod settings;

use async_trait::async_trait;

pub use model::*;

use crate::revision::{Precondition, Stale};
use crate::{CachedResponse, ServiceError, ids::UserId};

/// How long an access token is valid, in seconds.
pub const ACCESS_TOKEN_SECONDS: i64 = 15 * 60;
/// How long a session lives after its last refresh, in days.
pub const SESSION_DAYS: i64 = 30;
/// How long the refresh token before the current one is still answered, for tabs that refresh at the same time, in seconds.
pub const REFRESH_GRACE_SECONDS: i64 = 10;

/// Why an account operation did not happen.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AccountError {
    /// The e-mail address belongs to an account already.
    #[error("an account with this e-mail address exists")]
    EmailTaken,
    /// The username belongs to an account already.
    #[error("this username is taken")]
    NameTaken,
    /// Unknown e-mail address or wrong password; which of them is not told.
    #[error("the e-mail address or the password is wrong")]
    InvalidCredentials,
    /// The token is malformed, forged or of another service.
    #[error("the token is not valid")]
    InvalidToken,
    /// The token's time is over.
    #[error("the token has expired")]
    TokenExpired,
    /// The token's session has ended.
    #[error("the token has been revoked")]
    TokenRevoked,
    /// A rotated refresh token was used again; its session has been ended.
    #[error("the refresh token was used before; its session has been ended")]
    RefreshReused,
    /// The account changed since the client read it.
    #[error(transparent)]
    Stale(#[from] Stale),
    /// Something outside the rules failed.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// This operation is for administrators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this operation is for administrators")]
pub struct Forbidden;

/// Registration, login and the signed-in user.
#[async_trait]
pub trait AccountService: Send + Sync {
    /// Makes an account.
    ///
    /// # Errors
    /// [`AccountError::EmailTaken`], [`AccountError::NameTaken`].
    async fn register(&self, registration: Registration) -> Result<User, AccountError>;

    /// Starts a session.
    ///
    /// # Errors
    /// [`AccountError::InvalidCredentials`].
    async fn login(&self, credentials: Credentials) -> Result<Tokens, AccountError>;

    /// Continues a session with new tokens.
    ///
    /// # Errors
    /// [`AccountError::InvalidToken`], [`AccountError::TokenExpired`], [`AccountError::TokenRevoked`], [`AccountError::RefreshReused`].
    async fn refresh(&self, refresh_token: &str) -> Result<Tokens, AccountError>;

    /// Ends a session; its tokens are refused from now on.
    ///
    /// # Errors
    /// Only faults.
    async fn logout(&self, actor: &Actor) -> Result<(), AccountError>;

    /// The signed-in user.
    ///
    /// # Errors
    /// Only faults.
    async fn me(&self, actor: &Actor) -> Result<User, AccountError>;

    /// Changes the signed-in user.
    ///
    /// # Errors
    /// [`AccountError::Stale`], [`AccountError::EmailTaken`], [`AccountError::NameTaken`].
    async fn update(&self, actor: &Actor, seen: &Precondition, change: UserChange) -> Result<User, AccountError>;
}

/// Resolves access tokens. A verified token is remembered until its session ends.
#[async_trait]
pub trait Authenticator: Send + Sync {
    /// Whom an access token speaks for, as long as its session has not ended.
    ///
    /// # Errors
    /// [`AccountError::InvalidToken`], [`AccountError::TokenExpired`], [`AccountError::TokenRevoked`].
    async fn authenticate(&self, access_token: &str) -> Result<Actor, AccountError>;
}

/// The lookup that a login begins with. It finds an id and nothing else: the password is checked on the row.
#[async_trait]
pub trait UserDirectory: Send + Sync {
    /// The user with this e-mail address.
    ///
    /// # Errors
    /// Only faults.
    async fn id_by_email(&self, email: &Email) -> Result<Option<CachedResponse<UserId>>, ServiceError>;
}
