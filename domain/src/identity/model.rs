//! Validated values of accounts.

use std::fmt;

use schemars::JsonSchema;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::{AccountError, Device, Email, Password, Username, is_address, is_username};
use crate::ids::UserId;
use crate::revision::ETag;
use crate::text::{line, parsed_text};
use crate::{Language, Time};

parsed_text! {
    /// The name that others see: one line of 1 to 64 characters.
    DisplayName, |text| line(text, 1, 64)
}

/// The role of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Manages their own data.
    User,
    /// Also operates the platform.
    Admin,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::User => "user",
            Self::Admin => "admin",
        })
    }
}

/// The outcome of [`install_administrator`](crate::identity::AccountService::install_administrator).
#[derive(Debug, Clone)]
pub enum Installation {
    /// The administrator was created.
    Created(User),
    /// The installation has had its administrator.
    Unchanged,
}

/// A user, as that user sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct User {
    /// Identifier.
    pub id: UserId,
    /// E-mail address.
    pub email: Email,
    /// Username.
    pub username: Username,
    /// Name shown to others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<DisplayName>,
    /// Role.
    pub role: Role,
    /// When the user showed that the e-mail address is theirs; absent if they have not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_verified_at: Option<Time>,
    /// When the account was created.
    pub created_at: Time,
    /// Version; every change increments it.
    pub version: i64,
}

impl User {
    /// The entity tag of this version.
    #[must_use]
    pub fn etag(&self) -> ETag {
        ETag::of_version(self.id, self.version)
    }
}

/// The values of a new account.
#[derive(Debug, Clone)]
pub struct Registration {
    /// E-mail address.
    pub email: Email,
    /// Username.
    pub username: Username,
    /// Password.
    pub password: Password,
    /// Role. Only the command line and the server's settings create administrators.
    pub role: Role,
}

/// The outcome of a registration.
#[derive(Debug, Clone)]
pub enum Registered {
    /// The account was created.
    Created(User),
    /// The account will be created by the link of a mail, as this user. It is the same for an address or a name that is taken.
    Pending(User),
}

/// The input of a login. The password is not validated: it may have been set under an older rule.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// E-mail address.
    pub email: Email,
    /// The password to check.
    pub password: SecretString,
    /// The device that logs in.
    pub device: Device,
}

/// A change of a user's own password.
#[derive(Debug, Clone)]
pub struct PasswordChange {
    /// The present password, to check.
    pub present: SecretString,
    /// The new password.
    pub password: Password,
}

/// A change to an account; a `None` field stays unchanged.
#[derive(Debug, Clone, Default)]
pub struct UserChange {
    /// A new e-mail address.
    pub email: Option<Email>,
    /// The present password, which a new e-mail address requires.
    pub present_password: Option<SecretString>,
    /// A new username.
    pub username: Option<Username>,
    /// A new display name, or `Some(None)` to remove it.
    pub display_name: Option<Option<DisplayName>>,
    /// The language of mails about the change, if the user has chosen none.
    pub language: Language,
}

impl UserChange {
    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.email.is_none() && self.username.is_none() && self.display_name.is_none()
    }

    /// Checks that a new address or username is not the user's password. Only a change that states the password can be checked.
    ///
    /// # Errors
    /// [`AccountError::AddressIsPassword`], [`AccountError::UsernameIsPassword`].
    pub fn check_password(&self, present: &SecretString) -> Result<(), AccountError> {
        if self.email.as_ref().is_some_and(|email| is_address(present, email)) {
            return Err(AccountError::AddressIsPassword);
        }
        let is_username = self.username.as_ref().is_some_and(|username| is_username(present, username));
        if is_username { Err(AccountError::UsernameIsPassword) } else { Ok(()) }
    }
}

/// The tokens of a session.
#[derive(Clone, Serialize, JsonSchema)]
pub struct Tokens {
    /// Access token, a JWT for the `Authorization` header.
    pub access_token: String,
    /// Refresh token; it can be used once.
    pub refresh_token: String,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// Seconds until the access token expires.
    pub expires_in: i64,
}
