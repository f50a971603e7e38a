//! API keys of users, and service keys of the site.

mod examples;
mod requests;

use std::sync::Arc;

use domain::identity::keys::{ApiKey, IssuedKey, KeyError, KeyOwner, KeyService, MAX_KEY_DAYS};
use domain::ids::ApiKeyId;
use domain::page::Page;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

use crate::http::body::Body;
use crate::http::document::Declared;
use crate::http::params::{After, Id, Limit, Query, page};
use crate::http::principal::{AdministratorInSession, InSession};
use crate::http::problem::{Kind, Problem, Result};
use crate::http::reply::{CreatedSecret, NoContent, Reply, Secret};
use crate::http::tags::Tag;

use requests::{CreateApiKey, CreateServiceKey};

/// Operations on keys.
pub(crate) struct KeysApi(pub(crate) Arc<dyn KeyService>);

impl KeysApi {
    /// Problems of single operations.
    pub(crate) const PROBLEMS: Declared = &[("createApiKey", &[Kind::PlanLimit]), ("createServiceKey", &[Kind::PlanLimit])];
}

#[OpenApi]
impl KeysApi {
    /// List your API keys
    ///
    /// The newest first, without their texts and without revoked ones.
    #[oai(path = "/v1/api-keys", method = "get", operation_id = "listApiKeys", tag = "Tag::ApiKeys")]
    async fn keys(
        &self,
        actor: InSession,
        limit: Query<Limit>,
        cursor: Query<Option<After>>,
    ) -> Result<Reply<Page<ApiKey>, Secret>> {
        let owner = KeyOwner::User(actor.user);
        Ok(Reply::of(&self.0.keys(&actor.principal, owner, &page(limit, cursor)).await?)?)
    }

    /// Create an API key
    ///
    /// It acts for you, within its scopes and your rights at the time of use. Its text is shown this once.
    #[oai(path = "/v1/api-keys", method = "post", operation_id = "createApiKey", tag = "Tag::ApiKeys")]
    async fn create(&self, actor: InSession, body: Body<CreateApiKey>) -> Result<Reply<IssuedKey, CreatedSecret>> {
        Ok(Reply::of(&self.0.create(&actor.principal, KeyOwner::User(actor.user), body.0.key()?).await?)?)
    }

    /// Revoke an API key
    ///
    /// All servers refuse it from now on.
    #[oai(path = "/v1/api-keys/:id", method = "delete", operation_id = "revokeApiKey", tag = "Tag::ApiKeys")]
    async fn revoke(&self, actor: InSession, id: Path<Id<ApiKeyId>>) -> Result<NoContent> {
        self.0.revoke(&actor.principal, KeyOwner::User(actor.user), id.0.0).await?;
        Ok(NoContent)
    }

    /// List the service keys
    ///
    /// The newest first, without their texts and without revoked ones.
    #[oai(path = "/v1/admin/service-keys", method = "get", operation_id = "listServiceKeys", tag = "Tag::Admin")]
    async fn service_keys(
        &self,
        actor: AdministratorInSession,
        limit: Query<Limit>,
        cursor: Query<Option<After>>,
    ) -> Result<Reply<Page<ApiKey>, Secret>> {
        Ok(Reply::of(&self.0.keys(&actor, KeyOwner::Site, &page(limit, cursor)).await?)?)
    }

    /// Create a service key
    ///
    /// For the site's own back end. It acts for the user whom `Atelier-User` names, or without one on administrators' operations in
    /// its `admin` scopes. Its text is shown this once.
    #[oai(path = "/v1/admin/service-keys", method = "post", operation_id = "createServiceKey", tag = "Tag::Admin")]
    async fn create_service_key(
        &self,
        actor: AdministratorInSession,
        body: Body<CreateServiceKey>,
    ) -> Result<Reply<IssuedKey, CreatedSecret>> {
        Ok(Reply::of(&self.0.create(&actor, KeyOwner::Site, body.0.key()?).await?)?)
    }

    /// Revoke a service key
    ///
    /// All servers refuse it from now on. Another key of the site ends the holds that it placed.
    #[oai(path = "/v1/admin/service-keys/:id", method = "delete", operation_id = "revokeServiceKey", tag = "Tag::Admin")]
    async fn revoke_service_key(&self, actor: AdministratorInSession, id: Path<Id<ApiKeyId>>) -> Result<NoContent> {
        self.0.revoke(&actor, KeyOwner::Site, id.0.0).await?;
        Ok(NoContent)
    }
}

impl From<KeyError> for Problem {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::NoSuchKey => Self::new(Kind::NotFound, "There is no such key, or it has been revoked."),
            KeyError::BeyondRights(scope) => {
                Self::new(Kind::Forbidden, format!("A key has scopes of its user only, and you do not have `{scope}`."))
            }
            KeyError::NoScope => Self::invalid_at("/scopes", "must have at least 1 item"),
            KeyError::Expiry => {
                Self::invalid_at("/expires_at", format!("must be a time in the future, within {MAX_KEY_DAYS} days"))
            }
            KeyError::TooMany(limit) => {
                Self::limit_reached(limit, format!("There are {limit} keys already. Revoke those that are not needed."))
            }
            KeyError::Forbidden(forbidden) => forbidden.into(),
            KeyError::Cursor(cursor) => cursor.into(),
            KeyError::Service(error) => error.into(),
        }
    }
}
