//! API keys: of users, and of the site's own back end.
//!
//! A key is a text that is shown once. A user's key acts for its user, within its scopes and the user's rights. A service key acts for
//! the user that a request names, or for nobody. Keys are managed in a login session, never with a key. Only the hash of a key is
//! stored.

mod model;
mod text;

use async_trait::async_trait;

pub use model::*;
pub use text::*;

use super::{Forbidden, Principal, Scope};
use crate::ServiceError;
use crate::ids::{ApiKeyId, UserId};
use crate::page::{InvalidCursor, Page, PageRequest};

/// Maximum number of keys of a user that have neither expired nor been revoked.
pub const MAX_USER_KEYS: i64 = 20;
/// Maximum number of service keys that have neither expired nor been revoked.
pub const MAX_SERVICE_KEYS: i64 = 100;

/// Whose keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyOwner {
    /// The keys of a user.
    User(UserId),
    /// The service keys of the site.
    Site,
}

impl KeyOwner {
    /// Checks that a principal manages these keys: the user, or an administrator, in a login session.
    ///
    /// # Errors
    /// [`Forbidden`].
    pub fn check(self, actor: &Principal) -> Result<UserId, Forbidden> {
        match self {
            Self::Site => actor.require_administrator(),
            Self::User(user) => match actor.require_session()? {
                (own, _) if own == user => Ok(user),
                _ => Err(Forbidden),
            },
        }
    }

    /// The kind of these keys.
    #[must_use]
    pub fn kind(self) -> KeyKind {
        match self {
            Self::User(_) => KeyKind::User,
            Self::Site => KeyKind::Service,
        }
    }

    /// Maximum number of these keys that have neither expired nor been revoked.
    #[must_use]
    pub fn max(self) -> i64 {
        match self {
            Self::User(_) => MAX_USER_KEYS,
            Self::Site => MAX_SERVICE_KEYS,
        }
    }
}

/// Why an operation on keys failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum KeyError {
    /// The owner has no such key, or it was revoked.
    #[error("there is no such key")]
    NoSuchKey,
    /// The key would have a scope that its user does not have.
    #[error("the user does not have the scope {0}")]
    BeyondRights(Scope),
    /// The key would have no scope.
    #[error("a key needs a scope")]
    NoScope,
    /// The expiry is out of bounds.
    #[error("the expiry is not in the next {MAX_KEY_DAYS} days")]
    Expiry,
    /// The owner has as many keys as allowed.
    #[error("there are {0} keys already")]
    TooMany(i64),
    /// The principal may not manage these keys.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The page's cursor is invalid.
    #[error(transparent)]
    Cursor(#[from] InvalidCursor),
    /// A dependency is unavailable, or a bug occurred.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// API keys of users, and service keys.
#[async_trait]
pub trait KeyService: Send + Sync {
    /// A page of the keys that have not been revoked, the newest first.
    ///
    /// # Errors
    /// [`KeyError::Forbidden`], [`KeyError::Cursor`].
    async fn keys(&self, actor: &Principal, owner: KeyOwner, page: &PageRequest) -> Result<Page<ApiKey>, KeyError>;

    /// Creates a key. Its text is returned this once.
    ///
    /// # Errors
    /// [`KeyError::Forbidden`], [`KeyError::BeyondRights`], [`KeyError::NoScope`], [`KeyError::Expiry`], [`KeyError::TooMany`].
    async fn create(&self, actor: &Principal, owner: KeyOwner, key: NewKey) -> Result<IssuedKey, KeyError>;

    /// Revokes a key. No server accepts it from then on.
    ///
    /// # Errors
    /// [`KeyError::Forbidden`], [`KeyError::NoSuchKey`].
    async fn revoke(&self, actor: &Principal, owner: KeyOwner, key: ApiKeyId) -> Result<(), KeyError>;
}
