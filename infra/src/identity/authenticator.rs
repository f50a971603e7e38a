//! Verification of credentials against their rows.

use std::sync::Arc;

use async_trait::async_trait;
use domain::identity::{AccountError, Authenticator, Credential, Principal, Role, Scope, Scopes};
use domain::ids::UserId;
use domain::{Clock, ServiceError, Time};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::entities::{login_session, permission_grant, user};
use super::security::Tokens;
use crate::db::{Pools, of_word, service_error};

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
    async fn authenticate(&self, token: &str) -> Result<Principal, AccountError> {
        let now = self.clock.now();
        let claims = self.tokens.access(token, now)?;
        let session = login_session::Entity::find_by_id(claims.sid.to_string())
            .filter(login_session::Column::UserId.eq(claims.sub.to_string()))
            .filter(login_session::Column::RevokedAt.is_null());
        session.one(self.pools.reader()).await.map_err(service_error)?.ok_or(AccountError::TokenRevoked)?;
        let Rights { role, permissions, until } = self.rights(claims.sub, now).await?;
        let expires_at = until.map_or(claims.expires_at(), |until| until.min(claims.expires_at()));
        let credential = Credential::Session(claims.sid);
        Ok(Principal { user: Some(claims.sub), role, credential, scopes: None, permissions, expires_at })
    }
}

impl SqlAuthenticator {
    /// The rights of a user, unless the user is suspended.
    async fn rights(&self, user: UserId, now: Time) -> Result<Rights, AccountError> {
        let db = self.pools.reader();
        let row = user::Entity::find_by_id(user.to_string()).one(db).await.map_err(service_error)?;
        let row = row.ok_or(AccountError::TokenRevoked)?;
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
        Ok(Rights { role: of_word(row.role)?, permissions: permissions.map_err(ServiceError::bug)?, until })
    }
}
