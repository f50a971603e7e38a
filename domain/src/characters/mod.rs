//! Characters: the public catalogue, and each user's own characters with their memories.
//!
//! A name is unique among its owner's characters and, once published, among the public ones. Names with the same folded form are
//! equal. A private character is visible to its owner only.

mod memory;
mod model;

use async_trait::async_trait;

pub use memory::*;
pub use model::*;

use crate::ids::{CharacterId, MemoryId, UserId};
use crate::page::{InvalidCursor, Page, PageRequest};
use crate::revision::{Precondition, Stale};
use crate::{CachedResponse, LimitReached, Outage, ServiceError};

/// Why a character operation failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CharacterError {
    /// The character or memory does not exist, or is private to another user.
    #[error("there is no such character or memory")]
    NotFound,
    /// Another of the user's own characters, or another public one, has the name.
    #[error("a character with this name exists")]
    NameTaken,
    /// The character has [`MAX_MEMORIES`] memories.
    #[error("a character can have at most {MAX_MEMORIES} memories")]
    TooManyMemories,
    /// The plan's limit of characters is reached.
    #[error(transparent)]
    LimitReached(#[from] LimitReached),
    /// The character or memory has changed since the client read it.
    #[error(transparent)]
    Stale(#[from] Stale),
    /// The page's cursor is invalid.
    #[error(transparent)]
    Cursor(#[from] InvalidCursor),
    /// A dependency is unavailable, or a bug occurred.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl Outage for CharacterError {
    fn is_outage(&self) -> bool {
        matches!(self, Self::Service(error) if error.is_outage())
    }
}

/// The cacheable reads of characters.
#[async_trait]
pub trait CharacterReads: Send + Sync {
    /// A page of the public characters.
    ///
    /// # Errors
    /// [`CharacterError::Cursor`].
    async fn browse(&self, filter: &Browse, page: &PageRequest)
    -> Result<CachedResponse<Page<CharacterSummary>>, CharacterError>;

    /// A public character by its name.
    ///
    /// # Errors
    /// [`CharacterError::NotFound`].
    async fn public(&self, name: &CharacterName) -> Result<CachedResponse<Character>, CharacterError>;

    /// A page of a user's own characters, ordered by name.
    ///
    /// # Errors
    /// [`CharacterError::Cursor`].
    async fn own(&self, owner: UserId, page: &PageRequest) -> Result<CachedResponse<Page<CharacterSummary>>, CharacterError>;

    /// The id of a user's own character with this name.
    ///
    /// # Errors
    /// [`CharacterError::NotFound`].
    async fn own_id(&self, owner: UserId, name: &CharacterName) -> Result<CachedResponse<CharacterId>, CharacterError>;

    /// A user's own character and its memories, by name. `id` is the result of [`CharacterReads::own_id`].
    ///
    /// # Errors
    /// [`CharacterError::NotFound`].
    async fn profile(
        &self,
        owner: UserId,
        name: &CharacterName,
        id: CharacterId,
    ) -> Result<CachedResponse<CharacterProfile>, CharacterError>;
}

/// A user's own characters and their memories.
#[async_trait]
pub trait CharacterService: Send + Sync {
    /// A user's own character, by id.
    ///
    /// # Errors
    /// [`CharacterError::NotFound`].
    async fn read(&self, owner: UserId, id: CharacterId) -> Result<Character, CharacterError>;

    /// Creates a private character.
    ///
    /// # Errors
    /// [`CharacterError::NameTaken`], [`CharacterError::LimitReached`].
    async fn create(&self, owner: UserId, new: NewCharacter) -> Result<Character, CharacterError>;

    /// Changes a character; a new name renames it.
    ///
    /// # Errors
    /// [`CharacterError::NotFound`], [`CharacterError::Stale`], [`CharacterError::NameTaken`].
    async fn update(
        &self,
        owner: UserId,
        id: CharacterId,
        seen: &Precondition,
        change: CharacterChange,
    ) -> Result<Character, CharacterError>;

    /// Changes a character's visibility and rating.
    ///
    /// # Errors
    /// [`CharacterError::NotFound`], [`CharacterError::Stale`], [`CharacterError::NameTaken`].
    async fn publish(
        &self,
        owner: UserId,
        id: CharacterId,
        seen: &Precondition,
        publication: Publication,
    ) -> Result<Character, CharacterError>;

    /// Deletes a character and its memories. Its chats keep their messages.
    ///
    /// # Errors
    /// [`CharacterError::NotFound`].
    async fn delete(&self, owner: UserId, id: CharacterId) -> Result<(), CharacterError>;

    /// A page of a character's memories, the newest first.
    ///
    /// # Errors
    /// [`CharacterError::NotFound`], [`CharacterError::Cursor`].
    async fn memories(&self, owner: UserId, id: CharacterId, page: &PageRequest) -> Result<Page<Memory>, CharacterError>;

    /// Adds a memory to a character.
    ///
    /// # Errors
    /// [`CharacterError::NotFound`], [`CharacterError::TooManyMemories`].
    async fn add_memory(&self, owner: UserId, id: CharacterId, new: NewMemory) -> Result<Memory, CharacterError>;

    /// Changes a memory.
    ///
    /// # Errors
    /// [`CharacterError::NotFound`], [`CharacterError::Stale`].
    async fn update_memory(
        &self,
        owner: UserId,
        id: CharacterId,
        memory: MemoryId,
        seen: &Precondition,
        change: MemoryChange,
    ) -> Result<Memory, CharacterError>;

    /// Deletes a memory.
    ///
    /// # Errors
    /// [`CharacterError::NotFound`].
    async fn delete_memory(&self, owner: UserId, id: CharacterId, memory: MemoryId) -> Result<(), CharacterError>;
}
