//! Chats and their messages.
//!
//! Messages form a tree; a chat points at its head, and its history is the path from there to the root. No operation writes a
//! whole history, so two tabs cannot destroy a chat. A chat belongs to one user; for everybody else it does not exist.

mod model;

use async_trait::async_trait;

pub use model::*;

use crate::billing::usage::LimitReached;
use crate::ids::{ChatId, MessageId, UserId};
use crate::page::{InvalidCursor, Page, PageRequest};
use crate::revision::{Precondition, Stale};
use crate::{CachedResponse, Outage, ServiceError};

/// Why a chat operation did not happen.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ChatError {
    /// There is no such chat or message, or it is not yours to see.
    #[error("there is no such chat or message")]
    NotFound,
    /// There is no such character, among one's own or the public ones.
    #[error("there is no such character among your own or the public ones")]
    NoSuchCharacter,
    /// The parent is not a message of this chat.
    #[error("the parent is not a message of this chat")]
    NoSuchParent,
    /// The plan allows no more messages today.
    #[error(transparent)]
    LimitReached(#[from] LimitReached),
    /// It changed since the client read it.
    #[error(transparent)]
    Stale(#[from] Stale),
    /// The page does not exist.
    #[error(transparent)]
    Cursor(#[from] InvalidCursor),
    /// Something outside the rules failed.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl Outage for ChatError {
    fn is_outage(&self) -> bool {
        matches!(self, Self::Service(fault) if fault.is_outage())
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

    /// Opens a chat with a character, one's own or a public one.
    ///
    /// # Errors
    /// [`ChatError::NoSuchCharacter`].
    async fn open(&self, owner: UserId, new: NewChat) -> Result<Chat, ChatError>;

    /// A chat.
    ///
    /// # Errors
    /// [`ChatError::NotFound`].
    async fn read(&self, owner: UserId, id: ChatId) -> Result<Chat, ChatError>;

    /// Gives a chat another title.
    ///
    /// # Errors
    /// [`ChatError::NotFound`], [`ChatError::Stale`].
    async fn rename(&self, owner: UserId, id: ChatId, seen: &Precondition, title: Title) -> Result<Chat, ChatError>;

    /// Deletes a chat with all its messages.
    ///
    /// # Errors
    /// [`ChatError::NotFound`].
    async fn delete(&self, owner: UserId, id: ChatId) -> Result<(), ChatError>;

    /// Adds a message and makes it the head.
    ///
    /// # Errors
    /// [`ChatError::NotFound`], [`ChatError::NoSuchParent`], [`ChatError::LimitReached`].
    async fn append(&self, owner: UserId, id: ChatId, new: NewMessage) -> Result<Message, ChatError>;

    /// Changes what a message says, in place.
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

    /// Deletes a message with everything that follows it; a head among these moves to the deleted message's parent.
    ///
    /// # Errors
    /// [`ChatError::NotFound`].
    async fn remove(&self, owner: UserId, id: ChatId, message: MessageId) -> Result<(), ChatError>;
}
