//! Pages of chat histories behind the cache.

use std::sync::Arc;

use async_trait::async_trait;
use domain::CachedResponse;
use domain::chats::{ChatError, ChatReads, History, HistoryPage};
use domain::ids::{CharacterId, ChatId, UserId};

use crate::cache::{Cache, Pages, keys};

/// The maximum number of chats whose character is kept in memory.
const CAPACITY: usize = 100_000;

/// Finds the character of a chat. It is part of the cache key and never changes.
#[async_trait]
pub(crate) trait ChatCharacters: Send + Sync {
    /// The character of a user's chat.
    ///
    /// # Errors
    /// [`ChatError::NotFound`].
    async fn character(&self, owner: UserId, id: ChatId) -> Result<CharacterId, ChatError>;
}

/// The reads of chats behind the cache.
pub(crate) struct CachedChatReads<S> {
    inner: Arc<S>,
    cache: Arc<Cache>,
    characters: quick_cache::sync::Cache<(UserId, ChatId), CharacterId>,
}

impl<S: ChatCharacters> CachedChatReads<S> {
    pub(crate) fn new(inner: S, cache: Arc<Cache>) -> Self {
        Self { inner: Arc::new(inner), cache, characters: quick_cache::sync::Cache::new(CAPACITY) }
    }

    async fn character(&self, owner: UserId, id: ChatId) -> Result<CharacterId, ChatError> {
        if let Some(character) = self.characters.get(&(owner, id)) {
            return Ok(character);
        }
        let character = self.inner.character(owner, id).await?;
        self.characters.insert((owner, id), character);
        Ok(character)
    }
}

#[async_trait]
impl<S: ChatReads + ChatCharacters + 'static> ChatReads for CachedChatReads<S> {
    async fn history(&self, owner: UserId, id: ChatId, page: HistoryPage) -> Result<CachedResponse<History>, ChatError> {
        let key = keys::ChatHistory(owner, self.character(owner, id).await?, id);
        let name = page.before.map_or_else(|| format!("head:{}", page.limit), |before| format!("{before}:{}", page.limit));
        let load = move |inner: Arc<S>| async move {
            match inner.history(owner, id, page).await {
                Err(ChatError::NotFound) => Ok(None),
                other => other.map(Some),
            }
        };
        self.cache.read(key.page(name), &self.inner, load).await?.ok_or(ChatError::NotFound)
    }
}
