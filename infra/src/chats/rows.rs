//! Conversions between the rows and the values of chats, and queries for rows.

use domain::ServiceError;
use domain::chats::{Chat, ChatError};
use domain::ids::{ChatId, UserId};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use super::entities::chat;
use crate::cache::keys;
use crate::db::{Tx, id, of_word, service_error};

pub(super) fn of_row(row: chat::Model) -> Result<Chat, ServiceError> {
    Ok(Chat {
        id: id(&row.id)?,
        character: of_word(row.character_name)?,
        character_id: id(&row.character_id)?,
        title: of_word(row.title)?,
        message_count: row.message_count,
        head_message_id: row.head_message_id.as_deref().map(id).transpose()?,
        created_at: row.created_at,
        updated_at: row.updated_at,
        version: row.version,
    })
}

pub(super) fn to_row(owner: UserId, chat: &Chat) -> chat::ActiveModel {
    chat::ActiveModel {
        id: Set(chat.id.to_string()),
        user_id: Set(owner.to_string()),
        character_id: Set(chat.character_id.to_string()),
        character_name: Set(chat.character.as_str().to_owned()),
        title: Set(chat.title.as_str().to_owned()),
        message_count: Set(chat.message_count),
        head_message_id: Set(chat.head_message_id.map(|head| head.to_string())),
        created_at: Set(chat.created_at),
        updated_at: Set(chat.updated_at),
        version: Set(chat.version),
    }
}

/// A chat of `owner`. Chats of other users are not found.
pub(super) async fn find(db: &impl ConnectionTrait, owner: UserId, id: ChatId, lock: bool) -> Result<Chat, ChatError> {
    let own = chat::Entity::find_by_id(id.to_string()).filter(chat::Column::UserId.eq(owner.to_string()));
    let own = if lock { own.lock_exclusive() } else { own };
    Ok(of_row(own.one(db).await.map_err(service_error)?.ok_or(ChatError::NotFound)?)?)
}

/// Locks and returns a chat of `owner`.
pub(super) async fn locked(tx: &Tx, owner: UserId, id: ChatId) -> Result<Chat, ChatError> {
    find(&**tx, owner, id, true).await
}

/// The cache key of the pages of a chat's history.
pub(super) fn pages(owner: UserId, chat: &Chat) -> keys::ChatHistory {
    keys::ChatHistory(owner, chat.character_id, chat.id)
}
