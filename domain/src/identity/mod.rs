//! Accounts, login sessions and access tokens.
//!
//! A login creates a session. Each refresh rotates the session's refresh token; reuse of an old token ends the session
//! (OAuth 2.0 Security BCP, RFC 9700, section 4.14). A login with an unknown e-mail address and one with a wrong password
//! return the same error after the same work.

mod actor;
mod administration;
mod device;
mod email;
mod erasure;
mod exports;
pub mod keys;
mod links;
mod model;
mod password;
pub mod permissions;
mod principal;
mod scope;
mod sessions;
pub mod settings;
mod username;

use async_trait::async_trait;

pub use actor::*;
pub use administration::*;
pub use device::*;
pub use email::*;
pub use erasure::*;
pub use exports::*;
pub use links::*;
pub use model::*;
pub use password::*;
pub use principal::*;
pub use scope::*;
pub use sessions::*;
pub use username::*;

use crate::ids::{SessionId, UserId};
use crate::revision::{Precondition, Stale};
use crate::{CachedResponse, Invalid, Language, ServiceError};

/// How long an access token is valid, in seconds.
pub const ACCESS_TOKEN_SECONDS: i64 = 15 * 60;
/// How long a session lasts after its last refresh, in days.
pub const SESSION_DAYS: i64 = 30;
/// How long the previous refresh token is still accepted, in seconds. Tabs that refresh at the same time need it.
pub const REFRESH_GRACE_SECONDS: i64 = 10;

/// Why an account operation failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AccountError {
    /// Another account has the e-mail address.
    #[error("an account with this e-mail address exists")]
    EmailTaken,
    /// Another account has the username.
    #[error("this username is taken")]
    NameTaken,
    /// The e-mail address is unknown or the password is wrong. The error does not distinguish them.
    #[error("the e-mail address or the password is wrong")]
    InvalidCredentials,
    /// The present password is missing, and the change requires it (400).
    #[error("the present password is required")]
    PasswordRequired,
    /// The present password is wrong (401).
    #[error("the present password is wrong")]
    WrongPassword,
    /// The new password is refused, with the reason as a message for the client (400).
    #[error("the password {0}")]
    WeakPassword(Invalid),
    /// The present password is the new address or a part of it (400).
    #[error("the present password is the new address or a part of it")]
    AddressIsPassword,
    /// The present password is the new username (400).
    #[error("the present password is the new username")]
    UsernameIsPassword,
    /// A user who is no administrator has the address of the administrator to create.
    #[error("another user has this e-mail address and is not an administrator")]
    AddressOfAnother,
    /// The token of a link is unknown, used or expired (401).
    #[error("the token of the link is not valid")]
    InvalidLink,
    /// A key may not do this: it requires a login session.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The token is malformed, forged or issued by another service.
    #[error("the token is not valid")]
    InvalidToken,
    /// The token has expired.
    #[error("the token has expired")]
    TokenExpired,
    /// The token's session has ended.
    #[error("the token has been revoked")]
    TokenRevoked,
    /// A rotated refresh token was reused; the service has ended its session.
    #[error("the refresh token was used before; its session has been ended")]
    RefreshReused,
    /// Too many passwords wait to be hashed (503).
    #[error("too many passwords wait to be hashed")]
    Busy,
    /// Too many attempts were made on this account, known or not.
    #[error("too many attempts on this account")]
    TooManyAttempts {
        /// Seconds after which an attempt is admitted if no other is made.
        retry_seconds: i64,
    },
    /// The user is suspended (403).
    #[error("the account is suspended")]
    Suspended,
    /// The text is no API key (401).
    #[error("the API key is not valid")]
    InvalidKey,
    /// The API key has expired (401).
    #[error("the API key has expired")]
    KeyExpired,
    /// The API key was revoked (401).
    #[error("the API key has been revoked")]
    KeyRevoked,
    /// The user that a request names to act for does not exist (403).
    #[error("the user to act for does not exist")]
    NoSuchSubject,
    /// A session or a user's key names another user to act for (403).
    #[error("only a service key acts for another user")]
    ActsForAnother,
    /// The account has changed since the client read it.
    #[error(transparent)]
    Stale(#[from] Stale),
    /// A dependency is unavailable, or a bug occurred.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// The principal does not have the right that the operation needs (403).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the principal may not do this")]
pub struct Forbidden;

/// Registration, login and the signed-in user.
#[async_trait]
pub trait AccountService: Send + Sync {
    /// Creates an account. If the site sends mail, the account is created by the link of a mail in this language, and nothing is
    /// disclosed about addresses and names that are taken.
    ///
    /// # Errors
    /// [`AccountError::WeakPassword`], [`AccountError::Busy`], [`AccountError::TooManyAttempts`]; if the site sends no mail
    /// [`AccountError::EmailTaken`], [`AccountError::NameTaken`].
    async fn register(&self, registration: Registration, language: Language) -> Result<Registered, AccountError>;

    /// Creates an account whose address counts as verified, for the operator.
    ///
    /// # Errors
    /// [`AccountError::WeakPassword`], [`AccountError::EmailTaken`], [`AccountError::NameTaken`].
    async fn create(&self, registration: Registration) -> Result<User, AccountError>;

    /// Creates the administrator of a new installation, once: not if the installation has or had an administrator.
    ///
    /// # Errors
    /// [`AccountError::AddressOfAnother`], [`AccountError::WeakPassword`], [`AccountError::NameTaken`].
    async fn install_administrator(&self, registration: Registration) -> Result<Installation, AccountError>;

    /// Starts a session.
    ///
    /// # Errors
    /// [`AccountError::InvalidCredentials`], [`AccountError::Busy`], [`AccountError::TooManyAttempts`]; with the right password
    /// [`AccountError::Suspended`].
    async fn login(&self, credentials: Credentials) -> Result<Tokens, AccountError>;

    /// Continues a session with new tokens.
    ///
    /// # Errors
    /// [`AccountError::InvalidToken`], [`AccountError::TokenExpired`], [`AccountError::TokenRevoked`], [`AccountError::RefreshReused`],
    /// [`AccountError::Suspended`].
    async fn refresh(&self, refresh_token: &str, device: Device) -> Result<Tokens, AccountError>;

    /// Ends a session of the user. Its tokens are invalid from then on.
    ///
    /// # Errors
    /// [`ServiceError`] only.
    async fn logout(&self, user: UserId, session: SessionId) -> Result<(), AccountError>;

    /// The signed-in user.
    ///
    /// # Errors
    /// [`ServiceError`] only.
    async fn me(&self, user: UserId) -> Result<User, AccountError>;

    /// Changes the signed-in user. A new e-mail address requires the present password and a login session; it ends all sessions but
    /// this one. The password is checked before anything that depends on other users. If the site sends mail, a new address counts
    /// when the link that it is sent is used, the old address is told, and an address that is taken is not disclosed.
    ///
    /// # Errors
    /// [`AccountError::Stale`], [`AccountError::Forbidden`], [`AccountError::PasswordRequired`], [`AccountError::WrongPassword`],
    /// [`AccountError::EmailTaken`], [`AccountError::NameTaken`].
    async fn update(
        &self,
        user: UserId,
        session: Option<SessionId>,
        seen: &Precondition,
        change: UserChange,
    ) -> Result<User, AccountError>;

    /// Changes the password of the signed-in user, and ends all sessions but this one.
    ///
    /// # Errors
    /// [`AccountError::WrongPassword`], [`AccountError::WeakPassword`].
    async fn change_password(&self, user: UserId, session: SessionId, change: PasswordChange) -> Result<(), AccountError>;
}

/// What a request presents to be authenticated.
#[derive(Clone, Copy)]
pub struct Presented<'a> {
    /// The credential.
    pub credential: PresentedCredential<'a>,
    /// The user that the request names to act for.
    pub acts_for: Option<UserId>,
}

impl<'a> Presented<'a> {
    /// An access token that names no user to act for.
    #[must_use]
    pub fn token(token: &'a str) -> Self {
        Self { credential: PresentedCredential::Token(token), acts_for: None }
    }
}

/// The text of a credential that has not been verified.
#[derive(Clone, Copy)]
pub enum PresentedCredential<'a> {
    /// An access token.
    Token(&'a str),
    /// An API key.
    Key(&'a str),
}

/// Verification of credentials. An implementation may remember a principal until it is revoked.
#[async_trait]
pub trait Authenticator: Send + Sync {
    /// Verifies a credential and returns its principal. Its session, or it itself as a key, must not have ended.
    ///
    /// # Errors
    /// [`AccountError::InvalidToken`], [`AccountError::TokenExpired`], [`AccountError::TokenRevoked`], [`AccountError::InvalidKey`],
    /// [`AccountError::KeyExpired`], [`AccountError::KeyRevoked`], [`AccountError::Suspended`], [`AccountError::NoSuchSubject`],
    /// [`AccountError::ActsForAnother`].
    async fn authenticate(&self, presented: Presented<'_>) -> Result<Principal, AccountError>;

    /// Judges again who held a verified credential, as an open stream or a ticket does. A login session counts as long as it can be
    /// refreshed: its access token may have expired meanwhile.
    ///
    /// # Errors
    /// [`AccountError::TokenRevoked`], [`AccountError::KeyExpired`], [`AccountError::KeyRevoked`], [`AccountError::Suspended`],
    /// [`AccountError::NoSuchSubject`].
    async fn reauthenticate(&self, holder: Holder) -> Result<Principal, AccountError>;
}

/// The cacheable first step of a login: the user's id. The password hash is never cached; the login reads it from the row.
#[async_trait]
pub trait UserDirectory: Send + Sync {
    /// The id of the user with this e-mail address; `None` if there is none.
    ///
    /// # Errors
    /// [`ServiceError`] only.
    async fn id_by_email(&self, email: &Email) -> Result<Option<CachedResponse<UserId>>, ServiceError>;
}
