//! Chats and their messages.
//!
//! Messages form a tree. A chat points to its head, and its history is the path from the head to the root. No operation writes a
//! whole history, so two tabs cannot overwrite each other's messages. A chat is visible to its owner only.

mod model;

use async_trait::async_trait;

pub use model::*;

use crate::identity::Placement;
use crate::ids::{ChatId, MessageId, UserId};
use crate::page::{InvalidCursor, Page, PageRequest};
use crate::revision::{Precondition, Stale};
use crate::{CachedResponse, LimitReached, Outage, ServiceError};

/// Why a chat operation failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ChatError {
    /// The chat or message does not exist, or belongs to another user.
    #[error("there is no such chat or message")]
    NotFound,
    /// The character does not exist, or is another user's private character.
    #[error("there is no such character among the user's own and the public characters")]
    NoSuchCharacter,
    /// The parent is not a message of this chat.
    #[error("the parent is not a message of this chat")]
    NoSuchParent,
    /// The plan's daily limit of messages is reached.
    #[error(transparent)]
    LimitReached(#[from] LimitReached),
    /// The chat or message has changed since the client read it.
    #[error(transparent)]
    Stale(#[from] Stale),
    /// The page's cursor is invalid.
    #[error(transparent)]
    Cursor(#[from] InvalidCursor),
    /// A dependency is unavailable, or a bug occurred.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl Outage for ChatError {
    fn is_outage(&self) -> bool {
        matches!(self, Self::Service(error) if error.is_outage())
    }
}

/// The cacheable read of chats.
#[async_trait]
pub trait ChatReads: Send + Sync {
    /// A page of a chat's history.
    ///
    /// # Errors
    /// [`ChatError::NotFound`], [`ChatError::Cursor`].
    async fn history(&self, owner: UserId, id: ChatId, page: HistoryPage) -> Result<CachedResponse<History>, ChatError>;
}

/// Chats and their messages.
#[async_trait]
pub trait ChatService: Send + Sync {
    /// A page of a user's chats, the newest first.
    ///
    /// # Errors
    /// [`ChatError::Cursor`].
    async fn chats(&self, owner: UserId, page: &PageRequest) -> Result<Page<Chat>, ChatError>;

    /// Creates a chat with one of the user's own characters or a public one.
    ///
    /// # Errors
    /// [`ChatError::NoSuchCharacter`].
    async fn open(&self, owner: UserId, new: NewChat) -> Result<Chat, ChatError>;

    /// One chat.
    ///
    /// # Errors
    /// [`ChatError::NotFound`].
    async fn read(&self, owner: UserId, id: ChatId) -> Result<Chat, ChatError>;

    /// Changes a chat's title.
    ///
    /// # Errors
    /// [`ChatError::NotFound`], [`ChatError::Stale`].
    async fn rename(&self, owner: UserId, id: ChatId, seen: &Precondition, title: Title) -> Result<Chat, ChatError>;

    /// Deletes a chat and all its messages.
    ///
    /// # Errors
    /// [`ChatError::NotFound`].
    async fn delete(&self, owner: UserId, id: ChatId) -> Result<(), ChatError>;

    /// Appends a message to a chat of the user and makes it the head. It counts if [`NewMessage::is_metered`].
    ///
    /// # Errors
    /// [`ChatError::NotFound`], [`ChatError::NoSuchParent`], [`ChatError::LimitReached`].
    async fn append(&self, by: Placement, id: ChatId, new: NewMessage) -> Result<Message, ChatError>;

    /// Replaces a message's content.
    ///
    /// # Errors
    /// [`ChatError::NotFound`], [`ChatError::Stale`].
    async fn edit(
        &self,
        owner: UserId,
        id: ChatId,
        message: MessageId,
        seen: &Precondition,
        content: Content,
    ) -> Result<Message, ChatError>;

    /// Deletes a message and its descendants. If the head is among them, the deleted message's parent becomes the head.
    ///
    /// # Errors
    /// [`ChatError::NotFound`].
    async fn remove(&self, owner: UserId, id: ChatId, message: MessageId) -> Result<(), ChatError>;
}
