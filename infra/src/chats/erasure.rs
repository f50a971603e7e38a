//! Erases the messages and the chats of a deleted user.

use async_trait::async_trait;
use domain::ServiceError;
use domain::ids::UserId;
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use super::entities::{chat, message};
use super::rows::{of_row, pages};
use crate::db::{Keys, Tx, service_error};
use crate::identity::{Erased, Eraser};

/// Erases messages.
pub(crate) struct EraseMessages;

/// Erases chats. Each drops the cached pages of its history.
pub(crate) struct EraseChats;

fn chats_of(user: UserId) -> Select<chat::Entity> {
    chat::Entity::find().filter(chat::Column::UserId.eq(user.to_string()))
}

#[async_trait]
impl Eraser for EraseMessages {
    fn area(&self) -> &'static str {
        "messages"
    }

    async fn erase(&self, tx: &Tx, user: UserId, at_most: u64) -> Result<Erased, ServiceError> {
        let own = Query::select()
            .column(chat::Column::Id)
            .from(chat::Entity)
            .and_where(chat::Column::UserId.eq(user.to_string()))
            .take();
        let ids: Vec<String> = message::Entity::find()
            .select_only()
            .column(message::Column::Id)
            .filter(message::Column::ChatId.in_subquery(own))
            .limit(at_most)
            .into_tuple()
            .all(&**tx)
            .await
            .map_err(service_error)?;
        let delete = message::Entity::delete_many().filter(message::Column::Id.is_in(ids));
        let rows = delete.exec(&**tx).await.map_err(service_error)?.rows_affected;
        Ok(Erased { rows, keys: Keys::none() })
    }
}

#[async_trait]
impl Eraser for EraseChats {
    fn area(&self) -> &'static str {
        "chats"
    }

    async fn erase(&self, tx: &Tx, user: UserId, at_most: u64) -> Result<Erased, ServiceError> {
        let own = chats_of(user).order_by_asc(chat::Column::Id).limit(at_most).lock_exclusive();
        let (mut erased, mut ids) = (Erased { rows: 0, keys: Keys::none() }, Vec::new());
        for row in own.all(&**tx).await.map_err(service_error)? {
            ids.push(row.id.clone());
            erased.keys = erased.keys.and(pages(user, &of_row(row)?));
        }
        let delete = chat::Entity::delete_many().filter(chat::Column::Id.is_in(ids));
        erased.rows = delete.exec(&**tx).await.map_err(service_error)?.rows_affected;
        Ok(erased)
    }
}
