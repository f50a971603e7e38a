//! Chats in the database. Their messages are in `messages`.

use std::sync::Arc;

use async_trait::async_trait;
use domain::characters::Visibility;
use domain::chat_history::{
    CharacterRef, Chat, ChatError, ChatHistoryService, Content, History, HistoryPage, Message, NewChat, NewMessage, Title,
};
use domain::ids::{ChatId, MessageId, UserId};
use domain::page::{Page, PageRequest};
use domain::revision::Precondition;
use domain::{Answer, Clock, Fault};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Order;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use super::characters::{own_row_by_name, public_row};
use super::database::{Database, Tx};
use super::entities::{character, chat};
use super::error::fault;
use super::messages;
use super::paging::page_of;
use super::rows::{id, of_word, word};
use crate::cache::{Key, Keys};

/// Chats on SQL.
pub(crate) struct SqlChatHistory {
    db: Database,
    clock: Arc<dyn Clock>,
}

impl SqlChatHistory {
    pub(crate) fn new(db: Database, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }

    /// What a write to a chat's messages may touch.
    async fn touches(&self, owner: UserId, id: ChatId) -> Result<Keys, ChatError> {
        let chat = self.read(owner, id).await?;
        Ok(Keys::of([pages(owner, &chat), Key::SubscriptionStats(owner)]))
    }
}

fn of_row(row: chat::Model) -> Result<Chat, Fault> {
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

/// A user's chat; somebody else's is not there.
async fn find(db: &impl ConnectionTrait, owner: UserId, id: ChatId, lock: bool) -> Result<Chat, ChatError> {
    let own = chat::Entity::find_by_id(id.to_string()).filter(chat::Column::UserId.eq(owner.to_string()));
    let own = if lock { own.lock_exclusive() } else { own };
    Ok(of_row(own.one(db).await.map_err(fault)?.ok_or(ChatError::NotFound)?)?)
}

/// A user's chat under its lock.
pub(super) async fn locked(tx: &Tx, owner: UserId, id: ChatId) -> Result<Chat, ChatError> {
    find(&**tx, owner, id, true).await
}

/// The pages of a chat's history.
pub(super) fn pages(owner: UserId, chat: &Chat) -> Key {
    Key::ChatHistory(owner, chat.character_id, chat.id)
}

/// The character that is meant: one's own, or a public one.
async fn character_of(tx: &Tx, owner: UserId, wanted: &CharacterRef) -> Result<character::Model, ChatError> {
    let row = match wanted {
        CharacterRef::Name(name) => match own_row_by_name(&**tx, owner, name).await? {
            Some(own) => Some(own),
            None => public_row(&**tx, name).await?,
        },
        CharacterRef::Id(id) => {
            let public = character::Column::Visibility.eq(word(&Visibility::Public)?);
            let visible = Condition::any().add(character::Column::OwnerId.eq(owner.to_string())).add(public);
            character::Entity::find_by_id(id.to_string()).filter(visible).one(&**tx).await.map_err(fault)?
        }
    };
    row.ok_or(ChatError::NoSuchCharacter)
}

#[async_trait]
impl ChatHistoryService for SqlChatHistory {
    async fn chats(&self, owner: UserId, page: &PageRequest) -> Result<Page<Chat>, ChatError> {
        let mine = chat::Entity::find().filter(chat::Column::UserId.eq(owner.to_string()));
        let newest_first = (chat::Column::Id, Order::Desc, |row: &chat::Model| row.id.clone());
        page_of(self.db.reader(), mine, newest_first, (page, &("chats", owner)), of_row).await
    }

    async fn open(&self, owner: UserId, new: NewChat) -> Result<Chat, ChatError> {
        let now = self.clock.now();
        self.db
            .write(Keys::none(), move |tx| async move {
                let character = character_of(&tx, owner, &new.character).await?;
                let title = new.title.map_or_else(|| Title::parse(&character.name), Ok).map_err(Fault::bug)?;
                let chat = Chat {
                    id: ChatId::generate(now),
                    character: of_word(character.name)?,
                    character_id: id(&character.id)?,
                    title,
                    message_count: 0,
                    head_message_id: None,
                    created_at: now,
                    updated_at: now,
                    version: 1,
                };
                chat::Entity::insert(to_row(owner, &chat)).exec_without_returning(&*tx).await.map_err(fault)?;
                Ok(Keys::none().touched_by(chat))
            })
            .await
    }

    async fn read(&self, owner: UserId, id: ChatId) -> Result<Chat, ChatError> {
        find(self.db.reader(), owner, id, false).await
    }

    async fn rename(&self, owner: UserId, id: ChatId, seen: &Precondition, title: Title) -> Result<Chat, ChatError> {
        let (seen, now) = (seen.clone(), self.clock.now());
        self.db
            .write(Keys::none(), move |tx| async move {
                let chat = locked(&tx, owner, id).await?;
                seen.check(&chat.etag())?;
                let chat = Chat { title, updated_at: now, version: chat.version + 1, ..chat };
                chat::Entity::update(to_row(owner, &chat)).exec(&*tx).await.map_err(fault)?;
                Ok(Keys::none().touched_by(chat))
            })
            .await
    }

    async fn delete(&self, owner: UserId, id: ChatId) -> Result<(), ChatError> {
        let begins = self.touches(owner, id).await?;
        self.db
            .write(begins, move |tx| async move {
                let chat = locked(&tx, owner, id).await?;
                chat::Entity::delete_by_id(id.to_string()).exec(&*tx).await.map_err(fault)?;
                Ok(Keys::of([pages(owner, &chat)]).touched_by(()))
            })
            .await
    }

    async fn history(&self, owner: UserId, id: ChatId, page: HistoryPage) -> Result<Answer<History>, ChatError> {
        let chat = find(self.db.reader(), owner, id, false).await?;
        Ok(Answer::of(&messages::history(self.db.reader(), &chat, page).await?)?)
    }

    async fn append(&self, owner: UserId, id: ChatId, new: NewMessage) -> Result<Message, ChatError> {
        let now = self.clock.now();
        let begins = self.touches(owner, id).await?;
        self.db.write(begins, move |tx| async move { messages::append(&tx, owner, id, new, now).await }).await
    }

    async fn edit(
        &self,
        owner: UserId,
        id: ChatId,
        message: MessageId,
        seen: &Precondition,
        content: Content,
    ) -> Result<Message, ChatError> {
        let seen = seen.clone();
        let begins = self.touches(owner, id).await?;
        self.db.write(begins, move |tx| async move { messages::edit(&tx, owner, id, message, &seen, content).await }).await
    }

    async fn remove(&self, owner: UserId, id: ChatId, message: MessageId) -> Result<(), ChatError> {
        let now = self.clock.now();
        let begins = self.touches(owner, id).await?;
        self.db.write(begins, move |tx| async move { messages::remove(&tx, owner, id, message, now).await }).await
    }
}
