//! The present rights of users and credentials, from their rows.

use domain::identity::{AccountError, Credential, Holder, Principal, Role, Scope, Scopes};
use domain::ids::{SessionId, UserId};
use domain::{ServiceError, Time};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::entities::{api_key, login_session, permission_grant};
use super::keys;
use super::users::present_user;
use crate::db::{id, of_word, service_error};

/// The present rights of a user.
struct Rights {
    role: Role,
    permissions: Permissions,
}

/// The temporary permissions of a user.
pub(super) struct Permissions {
    pub(super) scopes: Scopes,
    /// When the first of them ends.
    until: Option<Time>,
}

impl Permissions {
    /// The permissions of a user at a time.
    pub(super) async fn of(db: &impl ConnectionTrait, user: UserId, now: Time) -> Result<Self, ServiceError> {
        let grants = permission_grant::Entity::find()
            .filter(permission_grant::Column::UserId.eq(user.to_string()))
            .filter(permission_grant::Column::RevokedAt.is_null())
            .filter(permission_grant::Column::ExpiresAt.gt(now));
        let grants = grants.all(db).await.map_err(service_error)?;
        let scopes = grants.iter().map(|grant| grant.scope.parse::<Scope>()).collect::<Result<Scopes, _>>();
        let until = grants.iter().map(|grant| grant.expires_at).min();
        Ok(Self { scopes: scopes.map_err(ServiceError::bug)?, until })
    }
}

impl Rights {
    /// The rights of a user, unless the user is suspended; `None` if the user does not exist or was deleted.
    async fn of(db: &impl ConnectionTrait, user: UserId, now: Time) -> Result<Option<Self>, AccountError> {
        let row = present_user(user).one(db).await.map_err(service_error)?;
        let Some(row) = row else { return Ok(None) };
        if row.suspended_at.is_some() {
            return Err(AccountError::Suspended);
        }
        Ok(Some(Self { role: of_word(row.role)?, permissions: Permissions::of(db, user, now).await? }))
    }

    /// The principal with these rights. It ends with its credential, or with the first temporary permission.
    fn principal(self, user: UserId, credential: Credential, scopes: Option<Scopes>, expires_at: Time) -> Principal {
        let Self { role, permissions: Permissions { scopes: permissions, until } } = self;
        let expires_at = until.map_or(expires_at, |until| until.min(expires_at));
        Principal { user: Some(user), role, credential, scopes, permissions, expires_at }
    }
}

/// The principal of a login session that has not ended. It expires with the session, or earlier.
pub(super) async fn of_session(
    db: &impl ConnectionTrait,
    (user, session): (UserId, SessionId),
    expires_at: Time,
    now: Time,
) -> Result<Principal, AccountError> {
    let row = login_session::Entity::find_by_id(session.to_string())
        .filter(login_session::Column::UserId.eq(user.to_string()))
        .filter(login_session::Column::RevokedAt.is_null());
    let row = row.one(db).await.map_err(service_error)?.filter(|row| row.expires_at > now).ok_or(AccountError::TokenRevoked)?;
    let expires_at = expires_at.min(row.expires_at);
    let rights = Rights::of(db, user, now).await?.ok_or(AccountError::TokenRevoked)?;
    Ok(rights.principal(user, Credential::Session(session), None, expires_at))
}

/// The principal of an API key, which acts for a user if it is a service key.
pub(super) async fn of_key(
    db: &impl ConnectionTrait,
    row: api_key::Model,
    acts_for: Option<UserId>,
    now: Time,
) -> Result<Principal, AccountError> {
    if row.revoked_at.is_some() {
        return Err(AccountError::KeyRevoked);
    }
    let owner = row.user_id.as_deref().map(id).transpose()?;
    let key = keys::of_row(row)?;
    let expires_at = key.expires_at.unwrap_or(Time::MAX_UTC);
    if expires_at <= now {
        return Err(AccountError::KeyExpired);
    }
    if let Some(user) = owner {
        let rights = Rights::of(db, user, now).await?.ok_or(AccountError::KeyRevoked)?;
        return Ok(rights.principal(user, Credential::UserKey(key.id), Some(key.scopes), expires_at));
    }
    if let Some(subject) = acts_for {
        Rights::of(db, subject, now).await?.ok_or(AccountError::NoSuchSubject)?;
    }
    let (credential, scopes) = (Credential::ServiceKey(key.id), Some(key.scopes));
    Ok(Principal { user: acts_for, role: Role::User, credential, scopes, permissions: Scopes::NONE, expires_at })
}

/// The principal, as of now, of a credential that was verified before.
pub(super) async fn of_holder(db: &impl ConnectionTrait, holder: Holder, now: Time) -> Result<Principal, AccountError> {
    let Holder { user, credential } = holder;
    match credential {
        Credential::Session(session) => {
            let user = user.ok_or_else(|| ServiceError::bug("a login session has no user"))?;
            of_session(db, (user, session), Time::MAX_UTC, now).await
        }
        Credential::UserKey(key) | Credential::ServiceKey(key) => {
            let row = api_key::Entity::find_by_id(key.to_string()).one(db).await.map_err(service_error)?;
            of_key(db, row.ok_or(AccountError::KeyRevoked)?, user, now).await
        }
    }
}
