//! The chat commands on SQL. Those on messages are in `messages`.

use std::sync::Arc;

use async_trait::async_trait;
use domain::characters::Character;
use domain::chats::{CharacterRef, Chat, ChatError, ChatService, Content, Message, NewChat, NewMessage, Title};
use domain::identity::Placement;
use domain::ids::{ChatId, MessageId, UserId};
use domain::page::{Page, PageRequest};
use domain::revision::Precondition;
use domain::{Clock, ServiceError};
use sea_orm::sea_query::Order;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::entities::chat;
use super::messages;
use super::rows::{find, locked, of_row, pages, to_row};
use crate::characters::{find_visible, own_by_name, public_by_name};
use crate::db::{Database, Keys, Tx, page_of, service_error};
use crate::identity::lock_user;

/// [`ChatService`] on SQL.
pub(crate) struct SqlChats {
    pub(crate) db: Database,
    pub(crate) clock: Arc<dyn Clock>,
}

/// The character of a new chat: one of the owner, else a public one.
async fn character_of(tx: &Tx, owner: UserId, reference: &CharacterRef) -> Result<Character, ChatError> {
    let character = match reference {
        CharacterRef::Name(name) => match own_by_name(&**tx, owner, name).await? {
            Some(own) => Some(own),
            None => public_by_name(&**tx, name).await?,
        },
        CharacterRef::Id(id) => find_visible(&**tx, owner, *id).await?,
    };
    character.ok_or(ChatError::NoSuchCharacter)
}

#[async_trait]
impl ChatService for SqlChats {
    async fn chats(&self, owner: UserId, page: &PageRequest) -> Result<Page<Chat>, ChatError> {
        let mine = chat::Entity::find().filter(chat::Column::UserId.eq(owner.to_string()));
        let newest_first = (chat::Column::Id, Order::Desc, |row: &chat::Model| row.id.clone());
        page_of(self.db.reader(), mine, newest_first, (page, &("chats", owner)), of_row).await
    }

    async fn open(&self, owner: UserId, new: NewChat) -> Result<Chat, ChatError> {
        let now = self.clock.now();
        self.db
            .write(Keys::none(), move |tx| async move {
                lock_user(&tx, owner).await?;
                let character = character_of(&tx, owner, &new.character).await?;
                let title = new.title.map_or_else(|| Title::parse(character.name.as_str()), Ok).map_err(ServiceError::bug)?;
                let chat = Chat {
                    id: ChatId::generate(now),
                    character: character.name,
                    character_id: character.id,
                    title,
                    message_count: 0,
                    head_message_id: None,
                    created_at: now,
                    updated_at: now,
                    version: 1,
                };
                chat::Entity::insert(to_row(owner, &chat)).exec_without_returning(&*tx).await.map_err(service_error)?;
                Ok(chat)
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
                chat::Entity::update(to_row(owner, &chat)).exec(&*tx).await.map_err(service_error)?;
                Ok(chat)
            })
            .await
    }

    async fn delete(&self, owner: UserId, id: ChatId) -> Result<(), ChatError> {
        self.db
            .write_naming(move |tx| async move {
                let chat = locked(&tx, owner, id).await?;
                chat::Entity::delete_by_id(id.to_string()).exec(&*tx).await.map_err(service_error)?;
                Ok(Keys::of(pages(owner, &chat)).touched_by(()))
            })
            .await
    }

    async fn append(&self, by: Placement, id: ChatId, new: NewMessage) -> Result<Message, ChatError> {
        let now = self.clock.now();
        self.db.write_naming(move |tx| async move { messages::append(&tx, by, id, new, now).await }).await
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
        self.db.write_naming(move |tx| async move { messages::edit(&tx, owner, id, message, &seen, content).await }).await
    }

    async fn remove(&self, owner: UserId, id: ChatId, message: MessageId) -> Result<(), ChatError> {
        let now = self.clock.now();
        self.db.write_naming(move |tx| async move { messages::remove(&tx, owner, id, message, now).await }).await
    }
}
