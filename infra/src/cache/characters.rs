//! Characters, with their lists, names and profiles cached.

use std::sync::Arc;

use async_trait::async_trait;
use domain::characters::{
    Browse, Character, CharacterChange, CharacterError, CharacterName, CharacterProfile, CharacterService, CharacterSummary,
    Memory, MemoryChange, NewCharacter, NewMemory, Publication,
};
use domain::ids::{CharacterId, MemoryId, UserId};
use domain::page::{Page, PageRequest};
use domain::revision::Precondition;
use domain::{Answer, Fault};

use super::{Cache, Key};

/// Characters behind the cache.
pub(crate) struct CachedCharacters<S> {
    inner: Arc<S>,
    cache: Arc<Cache>,
}

impl<S> CachedCharacters<S> {
    pub(crate) fn new(inner: S, cache: Arc<Cache>) -> Self {
        Self { inner: Arc::new(inner), cache }
    }
}

/// For the cache, what is not found is a result and not an error.
fn found<T>(outcome: Result<Answer<T>, CharacterError>) -> Result<Option<Answer<T>>, CharacterError> {
    match outcome {
        Err(CharacterError::NotFound) => Ok(None),
        other => other.map(Some),
    }
}

/// The field of a page: what was asked, spelled out.
fn field(filter: &impl serde::Serialize, page: &PageRequest) -> Result<Option<String>, Fault> {
    Ok(Some(serde_json::to_string(&(filter, page.limit, &page.cursor))?))
}

#[async_trait]
impl<S: CharacterService + 'static> CharacterService for CachedCharacters<S> {
    async fn browse(&self, filter: &Browse, page: &PageRequest) -> Result<Answer<Page<CharacterSummary>>, CharacterError> {
        let asked = Arc::new((filter.clone(), page.clone()));
        let load = move |inner: Arc<S>| {
            let asked = Arc::clone(&asked);
            async move { inner.browse(&asked.0, &asked.1).await }
        };
        self.cache.read_present(&Key::CharactersList, field(filter, page)?, &self.inner, load).await
    }

    async fn public(&self, name: &CharacterName) -> Result<Answer<Character>, CharacterError> {
        self.cache.readership.note(name);
        let wanted = name.clone();
        let load = move |inner: Arc<S>| {
            let wanted = wanted.clone();
            async move { found(inner.public(&wanted).await) }
        };
        let answer = self.cache.read(&Key::Character(name.clone()), None, &self.inner, load).await?;
        answer.ok_or(CharacterError::NotFound)
    }

    async fn own(&self, owner: UserId, page: &PageRequest) -> Result<Answer<Page<CharacterSummary>>, CharacterError> {
        let asked = page.clone();
        let load = move |inner: Arc<S>| {
            let asked = asked.clone();
            async move { inner.own(owner, &asked).await }
        };
        self.cache.read_present(&Key::CharList(owner), field(&(), page)?, &self.inner, load).await
    }

    async fn own_id(&self, owner: UserId, name: &CharacterName) -> Result<Answer<CharacterId>, CharacterError> {
        let wanted = name.clone();
        let load = move |inner: Arc<S>| {
            let wanted = wanted.clone();
            async move { found(inner.own_id(owner, &wanted).await) }
        };
        let answer = self.cache.read(&Key::CharId(owner, name.clone()), None, &self.inner, load).await?;
        answer.ok_or(CharacterError::NotFound)
    }

    async fn profile(
        &self,
        owner: UserId,
        name: &CharacterName,
        id: CharacterId,
    ) -> Result<Answer<CharacterProfile>, CharacterError> {
        let wanted = name.clone();
        let load = move |inner: Arc<S>| {
            let wanted = wanted.clone();
            async move { found(inner.profile(owner, &wanted, id).await) }
        };
        let answer = self.cache.read(&Key::CharProfile(owner, name.clone()), None, &self.inner, load).await?;
        answer.ok_or(CharacterError::NotFound)
    }

    async fn read(&self, owner: UserId, id: CharacterId) -> Result<Character, CharacterError> {
        self.inner.read(owner, id).await
    }

    async fn create(&self, owner: UserId, new: NewCharacter) -> Result<Character, CharacterError> {
        self.inner.create(owner, new).await
    }

    async fn update(
        &self,
        owner: UserId,
        id: CharacterId,
        seen: &Precondition,
        change: CharacterChange,
    ) -> Result<Character, CharacterError> {
        self.inner.update(owner, id, seen, change).await
    }

    async fn publish(
        &self,
        owner: UserId,
        id: CharacterId,
        seen: &Precondition,
        publication: Publication,
    ) -> Result<Character, CharacterError> {
        self.inner.publish(owner, id, seen, publication).await
    }

    async fn delete(&self, owner: UserId, id: CharacterId) -> Result<(), CharacterError> {
        self.inner.delete(owner, id).await
    }

    async fn memories(&self, owner: UserId, id: CharacterId, page: &PageRequest) -> Result<Page<Memory>, CharacterError> {
        self.inner.memories(owner, id, page).await
    }

    async fn remember(&self, owner: UserId, id: CharacterId, new: NewMemory) -> Result<Memory, CharacterError> {
        self.inner.remember(owner, id, new).await
    }

    async fn revise(
        &self,
        owner: UserId,
        id: CharacterId,
        memory: MemoryId,
        seen: &Precondition,
        change: MemoryChange,
    ) -> Result<Memory, CharacterError> {
        self.inner.revise(owner, id, memory, seen, change).await
    }

    async fn forget(&self, owner: UserId, id: CharacterId, memory: MemoryId) -> Result<(), CharacterError> {
        self.inner.forget(owner, id, memory).await
    }
}
