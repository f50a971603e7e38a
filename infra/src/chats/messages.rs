//! Messages in the database. They form a tree, and a history is the path from a leaf to the root. Changes lock the chat.

use domain::chats::{Chat, ChatError, Content, History, HistoryPage, Message, MessageState, NewMessage};
use domain::identity::Placement;
use domain::ids::{ChatId, MessageId, UserId};
use domain::page::InvalidCursor;
use domain::revision::Precondition;
use domain::{ServiceError, Time};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, Statement};

use super::entities::{chat, message};
use super::rows::{locked, pages, to_row as chat_to_row};
use crate::billing::usage::count_message;
use crate::cache::keys;
use crate::db::{Keys, Tx, Written, id, of_word, service_error, word};

/// The path from a message towards the root, at most `$3` messages.
const PATH: &str = "
WITH RECURSIVE path (id, parent_id, depth) AS (
    SELECT id, parent_id, 1 FROM messages WHERE id = $1 AND chat_id = $2
    UNION ALL
    SELECT m.id, m.parent_id, path.depth + 1 FROM messages m JOIN path ON m.id = path.parent_id WHERE path.depth < $3
)
SELECT m.* FROM path JOIN messages m ON m.id = path.id ORDER BY path.depth";

/// A message and all its descendants.
const SUBTREE: &str = "
WITH RECURSIVE subtree (id) AS (
    SELECT id FROM messages WHERE id = $1 AND chat_id = $2
    UNION ALL
    SELECT m.id FROM messages m JOIN subtree ON m.parent_id = subtree.id
)
SELECT id FROM subtree";

/// The maximum number of rows that one statement deletes.
const CHUNK: usize = 500;

fn of_row(row: message::Model) -> Result<Message, ServiceError> {
    Ok(Message {
        id: id(&row.id)?,
        parent_id: row.parent_id.as_deref().map(id).transpose()?,
        sibling_index: row.sibling_index,
        role: of_word(row.role)?,
        content: of_word(row.content)?,
        state: of_word(row.state)?,
        created_at: row.created_at,
        version: row.version,
    })
}

fn to_row(chat: ChatId, message: &Message) -> Result<message::ActiveModel, ServiceError> {
    Ok(message::ActiveModel {
        id: Set(message.id.to_string()),
        chat_id: Set(chat.to_string()),
        parent_id: Set(message.parent_id.map(|parent| parent.to_string())),
        sibling_index: Set(message.sibling_index),
        role: Set(word(&message.role)?),
        content: Set(message.content.as_str().to_owned()),
        state: Set(word(&message.state)?),
        created_at: Set(message.created_at),
        version: Set(message.version),
    })
}

async fn find(db: &impl ConnectionTrait, chat: ChatId, id: MessageId) -> Result<Option<Message>, ServiceError> {
    let row = message::Entity::find_by_id(id.to_string()).filter(message::Column::ChatId.eq(chat.to_string()));
    row.one(db).await.map_err(service_error)?.map(of_row).transpose()
}

/// A page of the history that ends at the head of the chat, or before a message.
pub(super) async fn history(db: &impl ConnectionTrait, chat: &Chat, page: HistoryPage) -> Result<History, ChatError> {
    let last = match page.before {
        None => chat.head_message_id,
        Some(before) => find(db, chat.id, before).await?.ok_or(InvalidCursor)?.parent_id,
    };
    let Some(last) = last else { return Ok(History { items: Vec::new(), next_cursor: None }) };
    let limit = i64::try_from(page.limit).map_err(ServiceError::bug)?;
    let values = [last.to_string().into(), chat.id.to_string().into(), limit.into()];
    let path = Statement::from_sql_and_values(db.get_database_backend(), PATH, values);
    let rows = message::Model::find_by_statement(path).all(db).await.map_err(service_error)?;
    let mut items = rows.into_iter().map(of_row).collect::<Result<Vec<_>, _>>()?;
    items.reverse();
    let next_cursor = items.first().filter(|first| first.parent_id.is_some()).map(|first| first.id);
    Ok(History { items, next_cursor })
}

/// Appends a message to its parent and makes it the head. It is counted if it is the user's.
pub(super) async fn append(
    tx: &Tx,
    by: Placement,
    chat: ChatId,
    new: NewMessage,
    now: Time,
) -> Result<Written<Message>, ChatError> {
    let (owner, is_metered) = (by.user, new.is_metered(by.placer));
    let chat = locked(tx, owner, chat).await?;
    if let Some(parent) = new.parent {
        find(&**tx, chat.id, parent).await?.ok_or(ChatError::NoSuchParent)?;
    }
    let parent_id = new.parent.or(chat.head_message_id);
    let message = Message {
        id: MessageId::generate(now),
        parent_id,
        sibling_index: next_sibling(tx, chat.id, parent_id).await?,
        role: new.role,
        content: new.content,
        state: MessageState::Complete,
        created_at: now,
        version: 1,
    };
    message::Entity::insert(to_row(chat.id, &message)?).exec_without_returning(&**tx).await.map_err(service_error)?;
    let message_count = chat.message_count + 1;
    let mut keys = Keys::of(pages(owner, &chat));
    move_head(tx, owner, chat, Some(message.id), message_count, now).await?;
    if is_metered {
        count_message::<ChatError>(tx, owner, now).await?;
        keys = keys.and(keys::SubscriptionStats(owner));
    }
    Ok(keys.touched_by(message))
}

async fn next_sibling(tx: &Tx, chat: ChatId, parent: Option<MessageId>) -> Result<i64, ServiceError> {
    let siblings = message::Entity::find().filter(message::Column::ChatId.eq(chat.to_string()));
    let siblings = match parent {
        Some(parent) => siblings.filter(message::Column::ParentId.eq(parent.to_string())),
        None => siblings.filter(message::Column::ParentId.is_null()),
    };
    let last = siblings.order_by_desc(message::Column::SiblingIndex).one(&**tx).await.map_err(service_error)?;
    Ok(last.map_or(0, |last| last.sibling_index + 1))
}

async fn move_head(
    tx: &Tx,
    owner: UserId,
    chat: Chat,
    head_message_id: Option<MessageId>,
    message_count: i64,
    now: Time,
) -> Result<(), ServiceError> {
    let chat = Chat { head_message_id, message_count, updated_at: now, version: chat.version + 1, ..chat };
    chat::Entity::update(chat_to_row(owner, &chat)).exec(&**tx).await.map_err(service_error)?;
    Ok(())
}

/// Changes the content of a message.
pub(super) async fn edit(
    tx: &Tx,
    owner: UserId,
    chat: ChatId,
    id: MessageId,
    seen: &Precondition,
    content: Content,
) -> Result<Written<Message>, ChatError> {
    let chat = locked(tx, owner, chat).await?;
    let before = find(&**tx, chat.id, id).await?.ok_or(ChatError::NotFound)?;
    seen.check(&before.etag())?;
    let after = Message { content, version: before.version + 1, ..before };
    message::Entity::update(to_row(chat.id, &after)?).exec(&**tx).await.map_err(service_error)?;
    Ok(Keys::of(pages(owner, &chat)).touched_by(after))
}

#[derive(FromQueryResult)]
struct Node {
    id: String,
}

/// Deletes a message with all its descendants.
pub(super) async fn remove(tx: &Tx, owner: UserId, chat: ChatId, id: MessageId, now: Time) -> Result<Written<()>, ChatError> {
    let chat = locked(tx, owner, chat).await?;
    let message = find(&**tx, chat.id, id).await?.ok_or(ChatError::NotFound)?;
    let values = [id.to_string().into(), chat.id.to_string().into()];
    let subtree = Statement::from_sql_and_values(tx.get_database_backend(), SUBTREE, values);
    let nodes = Node::find_by_statement(subtree).all(&**tx).await.map_err(service_error)?;
    let deleted: Vec<String> = nodes.into_iter().map(|node| node.id).collect();
    for chunk in deleted.chunks(CHUNK) {
        let chunk = message::Entity::delete_many().filter(message::Column::Id.is_in(chunk));
        chunk.exec(&**tx).await.map_err(service_error)?;
    }
    let head_was_deleted = chat.head_message_id.is_some_and(|head| deleted.contains(&head.to_string()));
    let head = if head_was_deleted { message.parent_id } else { chat.head_message_id };
    let message_count = chat.message_count - i64::try_from(deleted.len()).map_err(ServiceError::bug)?;
    let keys = Keys::of(pages(owner, &chat));
    move_head(tx, owner, chat, head, message_count, now).await?;
    Ok(keys.touched_by(()))
}
