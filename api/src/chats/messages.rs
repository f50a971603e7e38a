//! The messages of a chat.

use std::sync::Arc;

use domain::chats::{ChatReads, ChatService, Content, History, HistoryPage, Message, NewMessage};
use domain::ids::{ChatId, MessageId};
use domain::page::InvalidCursor;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

use super::requests::{CreateMessage, UpdateMessage};
use crate::http::body::Body;
use crate::http::conditional::IfMatch;
use crate::http::document::Declared;
use crate::http::params::{After, Id, Limit, Query};
use crate::http::principal::SignedIn;
use crate::http::problem::{Kind, Result, WithPointer};
use crate::http::reply::{Cached, Created, NoContent, Reply, Versioned};
use crate::http::tags::Tag;

/// The operations on messages.
pub(crate) struct MessagesApi {
    pub(crate) reads: Arc<dyn ChatReads>,
    pub(crate) service: Arc<dyn ChatService>,
}

impl MessagesApi {
    /// Problems of single operations.
    pub(crate) const PROBLEMS: Declared = &[("createMessage", &[Kind::PlanLimit])];
}

#[OpenApi(tag = "Tag::Chats")]
impl MessagesApi {
    /// Read a chat's history
    ///
    /// The newest message last. To read the page before, send its `next_cursor` as `before`.
    #[oai(path = "/v1/chats/:id/messages", method = "get", operation_id = "listMessages")]
    async fn history(
        &self,
        actor: SignedIn,
        id: Path<Id<ChatId>>,
        before: Query<Option<After>>,
        limit: Query<Limit>,
    ) -> Result<Reply<History, Cached>> {
        let before = before.0.map(|after| after.0.as_str().parse().map_err(|_| InvalidCursor)).transpose()?;
        let page = HistoryPage { before, limit: limit.0.0 };
        Ok(Reply::cached(self.reads.history(actor.user, id.0.0, page).await?))
    }

    /// Add a message
    ///
    /// It follows its parent or, without one, the last message of the chat. Every message that a user posts counts against the plan's
    /// messages a day, whatever its `role`. Those that the site posts with a service key count in the
    /// role `user` only.
    #[oai(path = "/v1/chats/:id/messages", method = "post", operation_id = "createMessage")]
    async fn append(&self, actor: SignedIn, id: Path<Id<ChatId>>, body: Body<CreateMessage>) -> Result<Reply<Message, Created>> {
        let Body(CreateMessage { content, role, parent_id }) = body;
        let content = Content::parse(&content).at("/content")?;
        let new = NewMessage { parent: parent_id.map(|id| id.0), role: role.0, content };
        let message = self.service.append(actor.placement(), id.0.0, new).await?;
        Ok(Reply::tagged(&message, &message.etag())?)
    }

    /// Edit a message
    ///
    /// The new text replaces the old one; the messages that follow stay.
    #[oai(path = "/v1/chats/:id/messages/:message_id", method = "patch", operation_id = "updateMessage")]
    async fn edit(
        &self,
        actor: SignedIn,
        id: Path<Id<ChatId>>,
        message_id: Path<Id<MessageId>>,
        #[oai(name = "If-Match")] seen: IfMatch,
        body: Body<UpdateMessage>,
    ) -> Result<Reply<Message, Versioned>> {
        let content = Content::parse(&body.content).at("/content")?;
        let message = self.service.edit(actor.user, id.0.0, message_id.0.0, &seen, content).await?;
        Ok(Reply::tagged(&message, &message.etag())?)
    }

    /// Delete a message and every message that follows it
    ///
    /// If the last message of the chat is deleted with them, the message before them becomes the last.
    #[oai(path = "/v1/chats/:id/messages/:message_id", method = "delete", operation_id = "deleteMessage")]
    async fn remove(&self, actor: SignedIn, id: Path<Id<ChatId>>, message_id: Path<Id<MessageId>>) -> Result<NoContent> {
        self.service.remove(actor.user, id.0.0, message_id.0.0).await?;
        Ok(NoContent)
    }
}
