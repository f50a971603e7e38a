//! The cacheable read of chats.

use async_trait::async_trait;
use domain::CachedResponse;
use domain::chats::{ChatError, ChatReads, History, HistoryPage};
use domain::ids::{CharacterId, ChatId, UserId};

use super::cached::ChatCharacters;
use super::messages;
use super::rows::find;
use crate::db::Pools;

/// [`ChatReads`] on SQL.
pub(crate) struct SqlChatReads(pub(crate) Pools);

#[async_trait]
impl ChatReads for SqlChatReads {
    async fn history(&self, owner: UserId, id: ChatId, page: HistoryPage) -> Result<CachedResponse<History>, ChatError> {
        let chat = find(self.0.reader(), owner, id, false).await?;
        Ok(CachedResponse::of(&messages::history(self.0.reader(), &chat, page).await?)?)
    }
}

#[async_trait]
impl ChatCharacters for SqlChatReads {
    async fn character(&self, owner: UserId, id: ChatId) -> Result<CharacterId, ChatError> {
        Ok(find(self.0.reader(), owner, id, false).await?.character_id)
    }
}
