//! Verification of credentials against their rows.

use std::sync::Arc;

use async_trait::async_trait;
use domain::identity::keys::{KeyKind, KeyText};
use domain::identity::{AccountError, Authenticator, Credential, Presented, PresentedCredential, Principal, Role, Scope, Scopes};
use domain::ids::UserId;
use domain::{Clock, ServiceError, Time};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::entities::{api_key, login_session, permission_grant};
use super::keys;
use super::security::Tokens;
use super::users::present_user;
use crate::db::{Pools, id, of_word, service_error};

/// [`Authenticator`] on SQL: verifies a credential and reads its row and its user's.
pub(crate) struct SqlAuthenticator {
    pub(crate) pools: Pools,
    pub(crate) tokens: Tokens,
    pub(crate) clock: Arc<dyn Clock>,
}

/// The current rights of a user.
struct Rights {
    role: Role,
    permissions: Scopes,
    /// When the first temporary permission ends.
    until: Option<Time>,
}

#[async_trait]
impl Authenticator for SqlAuthenticator {
    async fn authenticate(&self, presented: Presented<'_>) -> Result<Principal, AccountError> {
        let now = self.clock.now();
        let principal = match presented.credential {
            PresentedCredential::Token(token) => self.session(token, now).await?,
            PresentedCredential::Key(text) => self.key(text, presented.acts_for, now).await?,
        };
        principal.check_acts_for(presented.acts_for)?;
        Ok(principal)
    }
}

impl SqlAuthenticator {
    /// The principal of an access token.
    async fn session(&self, token: &str, now: Time) -> Result<Principal, AccountError> {
        let claims = self.tokens.access(token, now)?;
        let session = login_session::Entity::find_by_id(claims.sid.to_string())
            .filter(login_session::Column::UserId.eq(claims.sub.to_string()))
            .filter(login_session::Column::RevokedAt.is_null());
        session.one(self.pools.reader()).await.map_err(service_error)?.ok_or(AccountError::TokenRevoked)?;
        let rights = self.rights(claims.sub, now).await?.ok_or(AccountError::TokenRevoked)?;
        Ok(rights.principal(claims.sub, Credential::Session(claims.sid), None, claims.expires_at()))
    }

    /// The principal of an API key. A mistyped key is refused without a query.
    async fn key(&self, text: &str, acts_for: Option<UserId>, now: Time) -> Result<Principal, AccountError> {
        let text = KeyText::parse(text).ok_or(AccountError::InvalidKey)?;
        let of_hash = api_key::Entity::find().filter(api_key::Column::Hash.eq(text.hash()));
        let row = of_hash.one(self.pools.reader()).await.map_err(service_error)?.ok_or(AccountError::InvalidKey)?;
        if row.revoked_at.is_some() {
            return Err(AccountError::KeyRevoked);
        }
        let user = row.user_id.as_deref().map(id).transpose()?;
        let key = keys::of_row(row)?;
        let expires_at = key.expires_at.unwrap_or(Time::MAX_UTC);
        if expires_at <= now {
            return Err(AccountError::KeyExpired);
        }
        match (text.kind(), user) {
            (KeyKind::User, Some(user)) => {
                let rights = self.rights(user, now).await?.ok_or(AccountError::KeyRevoked)?;
                Ok(rights.principal(user, Credential::UserKey(key.id), Some(key.scopes), expires_at))
            }
            (KeyKind::Service, None) => {
                if let Some(subject) = acts_for {
                    self.rights(subject, now).await?.ok_or(AccountError::NoSuchSubject)?;
                }
                let rights = Rights { role: Role::User, permissions: Scopes::NONE, until: None };
                let principal = rights.principal(acts_for, Credential::ServiceKey(key.id), Some(key.scopes), expires_at);
                Ok(principal)
            }
            _ => Err(ServiceError::bug("the kind of a key contradicts its row").into()),
        }
    }

    /// The rights of a user, unless the user is suspended; `None` if the user does not exist or was deleted.
    async fn rights(&self, user: UserId, now: Time) -> Result<Option<Rights>, AccountError> {
        let db = self.pools.reader();
        let row = present_user(user).one(db).await.map_err(service_error)?;
        let Some(row) = row else { return Ok(None) };
        if row.suspended_at.is_some() {
            return Err(AccountError::Suspended);
        }
        let grants = permission_grant::Entity::find()
            .filter(permission_grant::Column::UserId.eq(user.to_string()))
            .filter(permission_grant::Column::RevokedAt.is_null())
            .filter(permission_grant::Column::ExpiresAt.gt(now));
        let grants = grants.all(db).await.map_err(service_error)?;
        let permissions = grants.iter().map(|grant| grant.scope.parse::<Scope>()).collect::<Result<Scopes, _>>();
        let until = grants.iter().map(|grant| grant.expires_at).min();
        Ok(Some(Rights { role: of_word(row.role)?, permissions: permissions.map_err(ServiceError::bug)?, until }))
    }
}

impl Rights {
    /// The principal with these rights. It ends with its credential, or with the first temporary permission.
    fn principal(
        self,
        user: impl Into<Option<UserId>>,
        credential: Credential,
        scopes: Option<Scopes>,
        expires_at: Time,
    ) -> Principal {
        let expires_at = self.until.map_or(expires_at, |until| until.min(expires_at));
        Principal { user: user.into(), role: self.role, credential, scopes, permissions: self.permissions, expires_at }
    }
}
