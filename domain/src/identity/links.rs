//! Links that accounts are sent by mail: to confirm a registration or an address, and to set a new password.
//!
//! A link has a token that can be used once. Requests for a link get the same answer for known and unknown addresses.

use async_trait::async_trait;
use secrecy::SecretString;

use super::{AccountError, Email, Password, User};
use crate::Language;
use crate::ids::UserId;

/// How long the token of a password reset, of a verification or of a new address is valid, in minutes.
pub const LINK_MINUTES: i64 = 15;
/// How long the token of a registration is valid, in hours.
pub const REGISTRATION_HOURS: i64 = 24;

/// Links that accounts are sent by mail.
#[async_trait]
pub trait AccountLinkService: Send + Sync {
    /// Creates the account of a registration. Its address is verified. The token proves who owns the address. The password proves that
    /// the owner made this registration: anybody can register with any address.
    ///
    /// # Errors
    /// [`AccountError::InvalidLink`], [`AccountError::InvalidCredentials`], [`AccountError::TooManyAttempts`], [`AccountError::Busy`],
    /// [`AccountError::EmailTaken`], [`AccountError::NameTaken`].
    async fn confirm_registration(&self, token: &str, password: SecretString) -> Result<User, AccountError>;

    /// Sends the user with this address a link to set a new password, if there is such a user.
    ///
    /// # Errors
    /// [`AccountError::TooManyAttempts`].
    async fn request_password_reset(&self, email: Email, language: Language) -> Result<(), AccountError>;

    /// Sets a new password with the token of a reset, and ends all sessions of the user.
    ///
    /// # Errors
    /// [`AccountError::InvalidLink`], [`AccountError::WeakPassword`], [`AccountError::Busy`].
    async fn reset_password(&self, token: &str, password: Password) -> Result<(), AccountError>;

    /// Verifies the address of a user, or makes a new address count. A new address ends all sessions but the one that asked for it.
    ///
    /// # Errors
    /// [`AccountError::InvalidLink`], [`AccountError::EmailTaken`].
    async fn verify_email(&self, token: &str) -> Result<(), AccountError>;

    /// Sends a user another link to verify the address. A verified address gets none.
    ///
    /// # Errors
    /// [`AccountError::TooManyAttempts`].
    async fn resend_verification(&self, user: UserId, language: Language) -> Result<(), AccountError>;
}
