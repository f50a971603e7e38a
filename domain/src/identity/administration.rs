//! The administration of users: find, suspend, restore, change the role, end sessions, reset the password.

use std::fmt;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Area, Credential, DisplayName, Email, Forbidden, Principal, Role, Username};
use crate::ids::UserId;
use crate::page::{InvalidCursor, Page, PageRequest};
use crate::revision::{ETag, Precondition, Stale};
use crate::text::{parsed_text, prose};
use crate::{ServiceError, Time};

parsed_text! {
    /// The reason of a suspension, 1 to 500 characters.
    SuspensionReason, |text| prose(text.trim(), 1, 500)
}

/// A user, as administrators see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ManagedUser {
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
    /// Whether the user is suspended.
    pub suspended: bool,
    /// When the user was suspended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suspended_at: Option<Time>,
    /// The reason of the suspension.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suspended_reason: Option<SuspensionReason>,
    /// When the user showed that the e-mail address is theirs; absent if they have not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_verified_at: Option<Time>,
    /// When the account was created.
    pub created_at: Time,
    /// Version; every change increments it.
    pub version: i64,
}

impl ManagedUser {
    /// The entity tag of this version.
    #[must_use]
    pub fn etag(&self) -> ETag {
        ETag::of_version(self.id, self.version)
    }
}

/// Who manages users. Its existence proves the right to it.
#[derive(Debug, Clone, Copy)]
pub struct UserAdministrator {
    by: Option<Principal>,
}

impl UserAdministrator {
    /// The operator at the command line of the program.
    pub const COMMAND_LINE: Self = Self { by: None };

    /// A principal with the scope of administrators in the area of users.
    ///
    /// # Errors
    /// [`Forbidden`].
    pub fn of(principal: &Principal) -> Result<Self, Forbidden> {
        principal.require_admin(Area::Users)?;
        Ok(Self { by: Some(*principal) })
    }

    /// The principal; `None` for the command line.
    #[must_use]
    pub fn principal(&self) -> Option<&Principal> {
        self.by.as_ref()
    }

    /// Checks the right to give roles and to manage administrators: a login session of an administrator has it. A temporary permission
    /// and a key do not: otherwise their holder could become an administrator for good.
    ///
    /// # Errors
    /// [`Forbidden`].
    pub fn require_role(&self) -> Result<(), Forbidden> {
        self.by.as_ref().map_or(Ok(()), |principal| principal.require_administrator().map(|_| ()))
    }

    /// Checks the right to reset the password of a user. Who sets a password has the rights of its user, so to reset that of a user
    /// with rights of administrators requires [`require_role`](Self::require_role). Nobody resets their own password, which is changed
    /// with the present one.
    ///
    /// # Errors
    /// [`UserAdministrationError::Forbidden`], [`UserAdministrationError::OwnPassword`].
    pub fn check_reset(&self, subject: UserId, subject_has_rights: bool) -> Result<(), UserAdministrationError> {
        if self.by.is_some_and(|principal| principal.user == Some(subject)) {
            return Err(UserAdministrationError::OwnPassword);
        }
        if subject_has_rights { Ok(self.require_role()?) } else { Ok(()) }
    }
}

impl fmt::Display for UserAdministrator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.by.as_ref().map(|principal| (principal.credential, principal.user)) {
            None => f.write_str("command line"),
            Some((Credential::ServiceKey(key), _)) => write!(f, "service key {key}"),
            Some((_, Some(user))) => write!(f, "user {user}"),
            Some((_, None)) => f.write_str("unknown"),
        }
    }
}

/// Which users a list has. All conditions must hold.
#[derive(Debug, Clone, Default, Serialize)]
pub struct UserFilter {
    /// The user with this id.
    pub id: Option<UserId>,
    /// The user with this e-mail address.
    pub email: Option<Email>,
    /// Users whose username begins with this text, without regard to case.
    pub name: Option<String>,
}

/// A change of a user by an administrator; a `None` field stays unchanged.
#[derive(Debug, Clone, Default)]
pub struct ManagedUserChange {
    /// A new role.
    pub role: Option<Role>,
    /// Suspends the user for a reason, or restores the user.
    pub suspension: Option<Option<SuspensionReason>>,
}

/// The token of a password reset. It is shown once.
#[derive(Clone, Serialize, JsonSchema)]
pub struct PasswordReset {
    /// The token for `/v1/auth/password-reset/confirm`; it can be used once.
    pub token: String,
    /// When the token expires.
    pub expires_at: Time,
}

/// Why the administration of a user failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum UserAdministrationError {
    /// The principal may not do this.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The user of the principal: their password is changed with the present one (403).
    #[error("nobody resets their own password")]
    OwnPassword,
    /// There is no such user.
    #[error("there is no such user")]
    NotFound,
    /// The change would leave the site without an active administrator.
    #[error("the user is the last active administrator")]
    LastAdministrator,
    /// The user has changed since the client read it.
    #[error(transparent)]
    Stale(#[from] Stale),
    /// The cursor is not valid.
    #[error(transparent)]
    InvalidCursor(#[from] InvalidCursor),
    /// A dependency is unavailable, or a bug occurred.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// The administration of users. A change is effective on every server when it is acknowledged.
#[async_trait]
pub trait UserAdministration: Send + Sync {
    /// The users that a filter selects, in the order of their registration.
    ///
    /// # Errors
    /// [`UserAdministrationError::InvalidCursor`].
    async fn list(
        &self,
        by: UserAdministrator,
        filter: &UserFilter,
        page: &PageRequest,
    ) -> Result<Page<ManagedUser>, UserAdministrationError>;

    /// One user.
    ///
    /// # Errors
    /// [`UserAdministrationError::NotFound`].
    async fn find(&self, by: UserAdministrator, user: UserId) -> Result<ManagedUser, UserAdministrationError>;

    /// Changes the role of a user, suspends or restores the user.
    ///
    /// # Errors
    /// [`UserAdministrationError::NotFound`], [`UserAdministrationError::Stale`], [`UserAdministrationError::Forbidden`],
    /// [`UserAdministrationError::LastAdministrator`].
    async fn change(
        &self,
        by: UserAdministrator,
        user: UserId,
        seen: &Precondition,
        change: ManagedUserChange,
    ) -> Result<ManagedUser, UserAdministrationError>;

    /// Ends all sessions of a user.
    ///
    /// # Errors
    /// [`UserAdministrationError::NotFound`], [`UserAdministrationError::Forbidden`].
    async fn end_sessions(&self, by: UserAdministrator, user: UserId) -> Result<(), UserAdministrationError>;

    /// Creates the token of a password reset. It replaces an earlier one. The present password stays valid until the token is used.
    /// The token is void when its creator loses the right to create it, or when the user gets rights of administrators.
    ///
    /// # Errors
    /// [`UserAdministrationError::NotFound`], [`UserAdministrationError::Forbidden`], [`UserAdministrationError::OwnPassword`].
    async fn reset_password(&self, by: UserAdministrator, user: UserId) -> Result<PasswordReset, UserAdministrationError>;
}
