//! Temporary permissions: a scope of administrators that a user has until a time.
//!
//! Only an administrator in a login session grants one, so a permission or a key cannot extend itself. They end by product time,
//! without leeway.

use async_trait::async_trait;
use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Action, Forbidden, Principal, Scope};
use crate::ids::{GrantId, UserId};
use crate::page::{InvalidCursor, Page, PageRequest};
use crate::text::{line, parsed_text};
use crate::{ServiceError, Time};

/// Maximum duration of a temporary permission, in days.
pub const MAX_PERMISSION_DAYS: i64 = 366;
/// Maximum number of present temporary permissions of a user.
pub const MAX_PERMISSIONS: i64 = 50;

parsed_text! {
    /// Why a permission is granted: one line of 1 to 200 characters.
    PermissionReason, |text| line(text, 1, 200)
}

/// The command to grant a temporary permission.
#[derive(Debug, Clone)]
pub struct NewPermission {
    /// The scope.
    pub scope: Scope,
    /// When it ends.
    pub until: Time,
    /// Why it is granted.
    pub reason: PermissionReason,
}

impl NewPermission {
    /// Checks that the permission has an effect, and a duration within bounds.
    ///
    /// # Errors
    /// [`PermissionError::NotAdministrative`], [`PermissionError::Duration`].
    pub fn check(&self, now: Time) -> Result<(), PermissionError> {
        if self.scope.action != Action::Admin {
            return Err(PermissionError::NotAdministrative);
        }
        let is_in_bounds = now < self.until && self.until <= now + TimeDelta::days(MAX_PERMISSION_DAYS);
        if is_in_bounds { Ok(()) } else { Err(PermissionError::Duration) }
    }
}

/// A temporary permission of a user, present or past.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "TemporaryPermission")]
pub struct Permission {
    /// Identifier.
    pub id: GrantId,
    /// The user who has it.
    pub user_id: UserId,
    /// What the user may do.
    pub scope: Scope,
    /// When it ends.
    pub until: Time,
    /// Why it was granted.
    pub reason: PermissionReason,
    /// The administrator who granted it.
    pub granted_by: UserId,
    /// When it was granted.
    pub created_at: Time,
    /// When it was revoked; absent if it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Time>,
}

/// Why an operation on temporary permissions failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PermissionError {
    /// The user does not exist.
    #[error("there is no such user")]
    NoSuchUser,
    /// The user has no such permission, or it was revoked.
    #[error("there is no such permission")]
    NoSuchPermission,
    /// Every user has the scope, so the permission would have no effect.
    #[error("the scope is not one of administrators")]
    NotAdministrative,
    /// The end is out of bounds.
    #[error("the end is not in the next {MAX_PERMISSION_DAYS} days")]
    Duration,
    /// The user has [`MAX_PERMISSIONS`] permissions already.
    #[error("the user has {MAX_PERMISSIONS} permissions already")]
    TooMany,
    /// The principal may not do this.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The page's cursor is invalid.
    #[error(transparent)]
    Cursor(#[from] InvalidCursor),
    /// A dependency is unavailable, or a bug occurred.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// Temporary permissions.
#[async_trait]
pub trait PermissionService: Send + Sync {
    /// A page of a user's permissions, present and past, the newest first.
    ///
    /// # Errors
    /// [`PermissionError::Forbidden`], [`PermissionError::NoSuchUser`], [`PermissionError::Cursor`].
    async fn permissions(&self, actor: &Principal, user: UserId, page: &PageRequest)
    -> Result<Page<Permission>, PermissionError>;

    /// Grants a permission. Every server applies it from then on.
    ///
    /// # Errors
    /// [`PermissionError::Forbidden`], [`PermissionError::NoSuchUser`], [`PermissionError::NotAdministrative`],
    /// [`PermissionError::Duration`], [`PermissionError::TooMany`].
    async fn grant(&self, actor: &Principal, user: UserId, new: NewPermission) -> Result<Permission, PermissionError>;

    /// Ends a permission before its time. No server applies it from then on.
    ///
    /// # Errors
    /// [`PermissionError::Forbidden`], [`PermissionError::NoSuchPermission`].
    async fn revoke(&self, actor: &Principal, user: UserId, permission: GrantId) -> Result<(), PermissionError>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Area;

    fn check(action: Action, days: i64) -> Result<(), PermissionError> {
        let until = Time::UNIX_EPOCH + TimeDelta::days(days);
        let reason = PermissionReason::parse("a replacement").unwrap();
        NewPermission { scope: Scope::new(Area::Coins, action), until, reason }.check(Time::UNIX_EPOCH)
    }

    #[test]
    fn a_permission_is_of_administrators_and_ends_within_a_year() {
        assert!(check(Action::Admin, 1).is_ok() && check(Action::Admin, MAX_PERMISSION_DAYS).is_ok());
        assert!(matches!(check(Action::Write, 1), Err(PermissionError::NotAdministrative)));
        for days in [0, -1, MAX_PERMISSION_DAYS + 1] {
            assert!(matches!(check(Action::Admin, days), Err(PermissionError::Duration)), "{days}");
        }
    }
}
