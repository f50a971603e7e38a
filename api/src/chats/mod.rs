//! Chats and their messages.

mod examples;
mod messages;
mod requests;

use std::sync::Arc;

use domain::chats::{CharacterRef, Chat, ChatError, ChatService, NewChat, Title};
use domain::page::Page;
use domain::{characters::CharacterName, ids::ChatId};
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

use crate::http::body::Body;
use crate::http::conditional::IfMatch;
use crate::http::params::{After, Id, Limit, Query, page};
use crate::http::principal::SignedIn;
use crate::http::problem::{Kind, Problem, Result, WithPointer};
use crate::http::reply::{Created, NoContent, Reply, Uncached, Versioned};
use crate::http::tags::Tag;

pub(crate) use messages::MessagesApi;
use requests::{OpenChat, UpdateChat};

/// The operations on chats.
pub(crate) struct ChatsApi(pub(crate) Arc<dyn ChatService>);

#[OpenApi(tag = "Tag::Chats")]
impl ChatsApi {
    /// List your chats
    ///
    /// The newest first.
    #[oai(path = "/v1/chats", method = "get", operation_id = "listChats")]
    async fn list(
        &self,
        actor: SignedIn,
        limit: Query<Limit>,
        cursor: Query<Option<After>>,
    ) -> Result<Reply<Page<Chat>, Uncached>> {
        Ok(Reply::of(&self.0.chats(actor.user, &page(limit, cursor)).await?)?)
    }

    /// Open a chat
    ///
    /// With one of your own characters or a public one.
    #[oai(path = "/v1/chats", method = "post", operation_id = "openChat")]
    async fn open(&self, actor: SignedIn, body: Body<OpenChat>) -> Result<Reply<Chat, Created>> {
        let chat = self.0.open(actor.user, body.0.chat()?).await?;
        Ok(Reply::tagged(&chat, &chat.etag())?.at(format!("/v1/chats/{}", chat.id)))
    }

    /// Read a chat
    ///
    /// Its title, its character and the last message of its current branch.
    #[oai(path = "/v1/chats/:id", method = "get", operation_id = "getChat")]
    async fn read(&self, actor: SignedIn, id: Path<Id<ChatId>>) -> Result<Reply<Chat, Versioned>> {
        let chat = self.0.read(actor.user, id.0.0).await?;
        Ok(Reply::tagged(&chat, &chat.etag())?)
    }

    /// Rename a chat
    ///
    /// The title is all that can be changed.
    #[oai(path = "/v1/chats/:id", method = "patch", operation_id = "updateChat")]
    async fn rename(
        &self,
        actor: SignedIn,
        id: Path<Id<ChatId>>,
        #[oai(name = "If-Match")] seen: IfMatch,
        body: Body<UpdateChat>,
    ) -> Result<Reply<Chat, Versioned>> {
        let title = Title::parse(&body.title).at("/title")?;
        let chat = self.0.rename(actor.user, id.0.0, &seen, title).await?;
        Ok(Reply::tagged(&chat, &chat.etag())?)
    }

    /// Delete a chat and its messages
    ///
    /// This cannot be undone.
    #[oai(path = "/v1/chats/:id", method = "delete", operation_id = "deleteChat")]
    async fn delete(&self, actor: SignedIn, id: Path<Id<ChatId>>) -> Result<NoContent> {
        self.0.delete(actor.user, id.0.0).await?;
        Ok(NoContent)
    }
}

impl OpenChat {
    fn chat(&self) -> Result<NewChat> {
        let character = match self.character.parse() {
            Ok(id) => CharacterRef::Id(id),
            Err(_) => CharacterRef::Name(CharacterName::parse(&self.character).at("/character")?),
        };
        Ok(NewChat { character, title: self.title.as_deref().map(Title::parse).transpose().at("/title")? })
    }
}

impl From<ChatError> for Problem {
    fn from(error: ChatError) -> Self {
        match error {
            ChatError::NotFound => Self::new(Kind::NotFound, "There is no such chat or message, or you may not see it."),
            ChatError::NoSuchCharacter => Self::invalid_at("/character", "must be one of your own characters or a public one"),
            ChatError::NoSuchParent => Self::invalid_at("/parent_id", "must be a message of this chat"),
            ChatError::LimitReached(reached) => reached.into(),
            ChatError::Stale(stale) => stale.into(),
            ChatError::Cursor(cursor) => cursor.into(),
            ChatError::Service(error) => error.into(),
        }
    }
}
