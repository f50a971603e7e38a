//! Chats, with the pages of their histories cached.

use std::sync::Arc;

use async_trait::async_trait;
use domain::Answer;
use domain::chat_history::{
    Chat, ChatError, ChatHistoryService, Content, History, HistoryPage, Message, NewChat, NewMessage, Title,
};
use domain::ids::{CharacterId, ChatId, MessageId, UserId};
use domain::page::{Page, PageRequest};
use domain::revision::Precondition;

use super::{Cache, Key};

/// How many chats the process knows the character of.
const KNOWN_CHATS: usize = 100_000;

/// Chats behind the cache.
pub(crate) struct CachedChatHistory<S> {
    inner: Arc<S>,
    cache: Arc<Cache>,
    /// Which character a user's chat is with. It is part of the key and never changes, so it may be known for ever.
    characters: quick_cache::sync::Cache<(UserId, ChatId), CharacterId>,
}

impl<S: ChatHistoryService> CachedChatHistory<S> {
    pub(crate) fn new(inner: S, cache: Arc<Cache>) -> Self {
        Self { inner: Arc::new(inner), cache, characters: quick_cache::sync::Cache::new(KNOWN_CHATS) }
    }

    async fn key(&self, owner: UserId, id: ChatId) -> Result<Key, ChatError> {
        let character = match self.characters.get(&(owner, id)) {
            Some(character) => character,
            None => self.inner.read(owner, id).await?.character_id,
        };
        self.characters.insert((owner, id), character);
        Ok(Key::ChatHistory(owner, character, id))
    }
}

#[async_trait]
impl<S: ChatHistoryService + 'static> ChatHistoryService for CachedChatHistory<S> {
    async fn history(&self, owner: UserId, id: ChatId, page: HistoryPage) -> Result<Answer<History>, ChatError> {
        let key = self.key(owner, id).await?;
        let field = page.before.map_or_else(|| format!("head:{}", page.limit), |before| format!("{before}:{}", page.limit));
        let load = move |inner: Arc<S>| async move {
            match inner.history(owner, id, page).await {
                Err(ChatError::NotFound) => Ok(None),
                other => other.map(Some),
            }
        };
        self.cache.read(&key, Some(field), &self.inner, load).await?.ok_or(ChatError::NotFound)
    }

    async fn chats(&self, owner: UserId, page: &PageRequest) -> Result<Page<Chat>, ChatError> {
        self.inner.chats(owner, page).await
    }

    async fn open(&self, owner: UserId, new: NewChat) -> Result<Chat, ChatError> {
        self.inner.open(owner, new).await
    }

    async fn read(&self, owner: UserId, id: ChatId) -> Result<Chat, ChatError> {
        self.inner.read(owner, id).await
    }

    async fn rename(&self, owner: UserId, id: ChatId, seen: &Precondition, title: Title) -> Result<Chat, ChatError> {
        self.inner.rename(owner, id, seen, title).await
    }

    async fn delete(&self, owner: UserId, id: ChatId) -> Result<(), ChatError> {
        self.inner.delete(owner, id).await
    }

    async fn append(&self, owner: UserId, id: ChatId, new: NewMessage) -> Result<Message, ChatError> {
        self.inner.append(owner, id, new).await
    }

    async fn edit(
        &self,
        owner: UserId,
        id: ChatId,
        message: MessageId,
        seen: &Precondition,
        content: Content,
    ) -> Result<Message, ChatError> {
        self.inner.edit(owner, id, message, seen, content).await
    }

    async fn remove(&self, owner: UserId, id: ChatId, message: MessageId) -> Result<(), ChatError> {
        self.inner.remove(owner, id, message).await
    }
}
