//! Lists, ids, profiles and public characters behind the cache.

use std::sync::Arc;

use async_trait::async_trait;
use domain::characters::{Browse, Character, CharacterError, CharacterName, CharacterProfile, CharacterReads, CharacterSummary};
use domain::ids::{CharacterId, UserId};
use domain::page::{Page, PageRequest};
use domain::revision::ETag;
use domain::{CachedResponse, ServiceError};
use serde::Serialize;

use crate::cache::{Cache, Pages, Value, keys};

/// The reads behind the cache. Calls `on_read` with the version of each public character that is read.
pub(crate) struct CachedCharacterReads<S> {
    inner: Arc<S>,
    cache: Arc<Cache>,
    on_read: Arc<dyn Fn(&ETag) + Send + Sync>,
}

impl<S> CachedCharacterReads<S> {
    pub(crate) fn new(inner: S, cache: Arc<Cache>, on_read: impl Fn(&ETag) + Send + Sync + 'static) -> Self {
        Self { inner: Arc::new(inner), cache, on_read: Arc::new(on_read) }
    }
}

/// Converts `NotFound` to an absent result, which the cache can keep.
fn optional<T>(outcome: Result<CachedResponse<T>, CharacterError>) -> Result<Option<CachedResponse<T>>, CharacterError> {
    match outcome {
        Err(CharacterError::NotFound) => Ok(None),
        other => other.map(Some),
    }
}

/// The name of a page in the cache: the filter and the request of the page.
fn page_name(filter: &impl Serialize, page: &PageRequest) -> Result<String, ServiceError> {
    Ok(serde_json::to_string(&(filter, page.limit, &page.cursor))?)
}

#[async_trait]
impl<S: CharacterReads + 'static> CharacterReads for CachedCharacterReads<S> {
    async fn browse(
        &self,
        filter: &Browse,
        page: &PageRequest,
    ) -> Result<CachedResponse<Page<CharacterSummary>>, CharacterError> {
        let location = keys::CharactersList().page(page_name(filter, page)?);
        let request = Arc::new((filter.clone(), page.clone()));
        let load = move |inner: Arc<S>| {
            let request = Arc::clone(&request);
            async move { inner.browse(&request.0, &request.1).await }
        };
        self.cache.read_present(location, &self.inner, load).await
    }

    async fn public(&self, name: &CharacterName) -> Result<CachedResponse<Character>, CharacterError> {
        let (key, name) = (keys::Character(name.clone()), name.clone());
        let load = move |inner: Arc<S>| {
            let name = name.clone();
            async move { optional(inner.public(&name).await) }
        };
        let response = self.cache.read(key.value(), &self.inner, load).await?.ok_or(CharacterError::NotFound)?;
        (self.on_read)(&response.etag);
        let (on_read, read) = (Arc::clone(&self.on_read), response.etag.clone());
        Ok(response.observed(move || on_read(&read)))
    }

    async fn own(&self, owner: UserId, page: &PageRequest) -> Result<CachedResponse<Page<CharacterSummary>>, CharacterError> {
        let location = keys::CharList(owner).page(page_name(&(), page)?);
        let page = page.clone();
        let load = move |inner: Arc<S>| {
            let page = page.clone();
            async move { inner.own(owner, &page).await }
        };
        self.cache.read_present(location, &self.inner, load).await
    }

    async fn own_id(&self, owner: UserId, name: &CharacterName) -> Result<CachedResponse<CharacterId>, CharacterError> {
        let (key, name) = (keys::CharId(owner, name.clone()), name.clone());
        let load = move |inner: Arc<S>| {
            let name = name.clone();
            async move { optional(inner.own_id(owner, &name).await) }
        };
        self.cache.read(key.value(), &self.inner, load).await?.ok_or(CharacterError::NotFound)
    }

    async fn profile(
        &self,
        owner: UserId,
        name: &CharacterName,
        id: CharacterId,
    ) -> Result<CachedResponse<CharacterProfile>, CharacterError> {
        let (key, name) = (keys::CharProfile(owner, name.clone()), name.clone());
        let load = move |inner: Arc<S>| {
            let name = name.clone();
            async move { optional(inner.profile(owner, &name, id).await) }
        };
        self.cache.read(key.value(), &self.inner, load).await?.ok_or(CharacterError::NotFound)
    }
}
