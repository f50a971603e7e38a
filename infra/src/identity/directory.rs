//! The user directory in the database.

use async_trait::async_trait;
use domain::identity::{Email, UserDirectory};
use domain::ids::UserId;
use domain::{CachedResponse, ServiceError};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::entities::user;
use crate::db::{Pools, id, service_error};

/// The user directory on SQL.
pub(crate) struct SqlUserDirectory(pub(crate) Pools);

#[async_trait]
impl UserDirectory for SqlUserDirectory {
    async fn id_by_email(&self, email: &Email) -> Result<Option<CachedResponse<UserId>>, ServiceError> {
        let row = by_email(self.0.reader(), email).await?;
        row.map(|row| CachedResponse::of(&id(&row.id)?)).transpose()
    }
}

/// The row of the user with this e-mail address.
pub(super) async fn by_email(db: &impl ConnectionTrait, email: &Email) -> Result<Option<user::Model>, ServiceError> {
    user::Entity::find().filter(user::Column::Email.eq(email.as_str())).one(db).await.map_err(service_error)
}
