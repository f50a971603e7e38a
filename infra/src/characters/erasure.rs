//! Erases the characters of a deleted user. Public ones vanish from lists; chats of other users with them keep their text.

use async_trait::async_trait;
use domain::ServiceError;
use domain::ids::UserId;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::commands::touched;
use super::entities::character;
use super::rows::of_row;
use crate::cache::keys;
use crate::db::{Keys, Tx, service_error};
use crate::identity::{Erased, Eraser};

/// The maximum number of characters of one transaction, since each has cached keys of its own.
const BATCH: u64 = 50;

/// Erases characters, with their memories and tags.
pub(crate) struct EraseCharacters;

#[async_trait]
impl Eraser for EraseCharacters {
    fn area(&self) -> &'static str {
        "characters"
    }

    async fn erase(&self, tx: &Tx, user: UserId, at_most: u64) -> Result<Erased, ServiceError> {
        let own = character::Entity::find()
            .filter(character::Column::OwnerId.eq(user.to_string()))
            .order_by_asc(character::Column::Id)
            .limit(at_most.min(BATCH))
            .lock_exclusive();
        let (mut erased, mut ids) = (Erased { rows: 0, keys: Keys::none() }, Vec::new());
        for row in own.all(&**tx).await.map_err(service_error)? {
            ids.push(row.id.clone());
            erased.keys = erased.keys.with(touched(user, &of_row(row)?)).and(keys::SubscriptionStats(user));
        }
        let delete = character::Entity::delete_many().filter(character::Column::Id.is_in(ids));
        erased.rows = delete.exec(&**tx).await.map_err(service_error)?.rows_affected;
        Ok(erased)
    }
}
