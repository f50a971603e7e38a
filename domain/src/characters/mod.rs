//! Characters: public ones that everybody browses, and one's own with their memories.
//!
//! A name is unique among its owner's characters and, once published, among the public ones; spellings that fold to the same
//! form are the same name. Somebody else's private character does not exist for you.

mod memory;
mod model;

use async_trait::async_trait;

pub use memory::*;
pub use model::*;

use crate::billing::usage::LimitReached;
use crate::ids::{CharacterId, MemoryId, UserId};
use crate::page::{InvalidCursor, Page, PageRequest};
use crate::revision::{Precondition, Stale};
use crate::{CachedResponse, Outage, ServiceError};

/// Why a character operation did not happen.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CharacterError {
    /// There is no such character or memory, or it is not yours to see.
    #[error("there is no such character or memory")]
    NotFound,
    /// The name is taken, among one's own or among the public characters.
    #[error("a character with this name exists")]
    NameTaken,
    /// The character remembers as much as it can.
    #[error("a character can have at most {MAX_MEMORIES} memories")]
    TooManyMemories,
    /// The plan allows no more characters.
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

impl Outage for CharacterError {
    fn is_outage(&self) -> bool {
        matches!(self, Self::Service(fault) if fault.is_outage())
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

    /// A page of a user's own characters, by name.
    ///
    /// # Errors
    /// [`CharacterError::Cursor`].
    async fn own(&self, owner: UserId, page: &PageRequest) -> Result<CachedResponse<Page<CharacterSummary>>, CharacterError>;

    /// The id of one's own character.
    ///
    /// # Errors
    /// [`CharacterError::NotFound`].
    async fn own_id(&self, owner: UserId, name: &CharacterName) -> Result<CachedResponse<CharacterId>, CharacterError>;

    /// One's own character with its memories, by name; `id` is what [`CharacterReads::own_id`] answered.
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

/// A user's own characters, with their memories.
#[async_trait]
pub trait CharacterService: Send + Sync {
    /// One's own character by id.
    ///
    /// # Errors
    /// [`CharacterError::NotFound`].
    async fn read(&self, owner: UserId, id: CharacterId) -> Result<Character, CharacterError>;

    /// Makes a private character.
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

    /// Publishes a character, takes it back, or rates it anew.
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

    /// Deletes a character with its memories. Chats keep what was said.
    ///
    /// # Errors
    /// [`CharacterError::NotFound`].
    async fn delete(&self, owner: UserId, id: CharacterId) -> Result<(), CharacterError>;

    /// A page of a character's memories, the newest first.
    ///
    /// # Errors
    /// [`CharacterError::NotFound`], [`CharacterError::Cursor`].
    async fn memories(&self, owner: UserId, id: CharacterId, page: &PageRequest) -> Result<Page<Memory>, CharacterError>;

    /// Gives a character a memory.
    ///
    /// # Errors
    /// [`CharacterError::NotFound`], [`CharacterError::TooManyMemories`].
    async fn remember(&self, owner: UserId, id: CharacterId, new: NewMemory) -> Result<Memory, CharacterError>;

    /// Changes a memory.
    ///
    /// # Errors
    /// [`CharacterError::NotFound`], [`CharacterError::Stale`].
    async fn revise(
        &self,
        owner: UserId,
        id: CharacterId,
        memory: MemoryId,
        seen: &Precondition,
        change: MemoryChange,
    ) -> Result<Memory, CharacterError>;

    /// Removes a memory.
    ///
    /// # Errors
    /// [`CharacterError::NotFound`].
    async fn forget(&self, owner: UserId, id: CharacterId, memory: MemoryId) -> Result<(), CharacterError>;
}
