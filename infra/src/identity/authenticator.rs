//! Verification of credentials against their rows.

use std::sync::Arc;

use async_trait::async_trait;
use domain::identity::keys::{KeyKind, KeyText};
use domain::identity::{AccountError, Authenticator, Presented, PresentedCredential, Principal};
use domain::ids::UserId;
use domain::{Clock, ServiceError, Time};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::entities::api_key;
use super::rights;
use super::security::Tokens;
use crate::db::{Pools, service_error};

/// [`Authenticator`] on SQL: verifies a credential and reads its row and its user's.
pub(crate) struct SqlAuthenticator {
    pub(crate) pools: Pools,
    pub(crate) tokens: Tokens,
    pub(crate) clock: Arc<dyn Clock>,
}

#[async_trait]
impl Authenticator for SqlAuthenticator {
    async fn authenticate(&self, presented: Presented<'_>) -> Result<Principal, AccountError> {
        let now = self.clock.now();
        let principal = match presented.credential {
            PresentedCredential::Token(token) => {
                let claims = self.tokens.access(token, now)?;
                rights::of_session(self.pools.reader(), (claims.sub, claims.sid), claims.expires_at(), now).await?
            }
            PresentedCredential::Key(text) => self.key(text, presented.acts_for, now).await?,
        };
        principal.check_acts_for(presented.acts_for)?;
        Ok(principal)
    }
}

impl SqlAuthenticator {
    /// The principal of an API key. A mistyped key is refused without a query.
    async fn key(&self, text: &str, acts_for: Option<UserId>, now: Time) -> Result<Principal, AccountError> {
        let text = KeyText::parse(text).ok_or(AccountError::InvalidKey)?;
        let of_hash = api_key::Entity::find().filter(api_key::Column::Hash.eq(text.hash()));
        let row = of_hash.one(self.pools.reader()).await.map_err(service_error)?.ok_or(AccountError::InvalidKey)?;
        if (text.kind() == KeyKind::User) != row.user_id.is_some() {
            return Err(ServiceError::bug("the kind of a key contradicts its row").into());
        }
        rights::of_key(self.pools.reader(), row, acts_for, now).await
    }
}
