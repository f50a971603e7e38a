//! The principal of a request.

use super::{Forbidden, Role};
use crate::Time;
use crate::ids::{SessionId, UserId};

/// Who makes a request, as verified from its credential.
///
/// Operations depend on the user and the role only, whatever the credential is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The user for whom the request acts.
    pub user: UserId,
    /// The user's current role.
    pub role: Role,
    /// The verified credential.
    pub credential: Credential,
    /// When the credential expires.
    pub expires_at: Time,
}

/// The credential of a principal, without its secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// An access token of this login session.
    Session(SessionId),
}

impl Principal {
    /// Checks that the principal is an administrator.
    ///
    /// # Errors
    /// [`Forbidden`] for any other role.
    pub fn require_admin(&self) -> Result<(), Forbidden> {
        if self.role == Role::Admin { Ok(()) } else { Err(Forbidden) }
    }
}
