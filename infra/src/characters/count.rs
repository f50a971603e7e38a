//! Counts the characters of a user, for statistics and limits.

use async_trait::async_trait;
use domain::ServiceError;
use domain::ids::UserId;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::entities::character;
use crate::billing::usage::CountCharacters;
use crate::db::{Reader, service_error};

/// [`CountCharacters`] on SQL.
pub(crate) struct CharacterCount;

#[async_trait]
impl CountCharacters for CharacterCount {
    async fn count(&self, db: &Reader, user: UserId) -> Result<i64, ServiceError> {
        count(db, user).await
    }
}

/// The number of characters of a user.
pub(super) async fn count(db: &impl ConnectionTrait, user: UserId) -> Result<i64, ServiceError> {
    let own = character::Entity::find().filter(character::Column::OwnerId.eq(user.to_string()));
    i64::try_from(own.count(db).await.map_err(service_error)?).map_err(ServiceError::bug)
}
