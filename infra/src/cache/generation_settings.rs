//! The platform's generation settings, cached.

use std::sync::Arc;

use async_trait::async_trait;
use domain::accounts::Actor;
use domain::generation_settings::{GenerationSettings, GenerationSettingsError, GenerationSettingsService, GenerationValues};
use domain::revision::Precondition;
use domain::{Answer, Fault};

use super::{Cache, Key};

/// Generation settings behind the cache.
pub(crate) struct CachedGenerationSettings<S> {
    inner: Arc<S>,
    cache: Arc<Cache>,
}

impl<S> CachedGenerationSettings<S> {
    pub(crate) fn new(inner: S, cache: Arc<Cache>) -> Self {
        Self { inner: Arc::new(inner), cache }
    }
}

#[async_trait]
impl<S: GenerationSettingsService + 'static> GenerationSettingsService for CachedGenerationSettings<S> {
    async fn read(&self) -> Result<Answer<GenerationSettings>, Fault> {
        let load = |inner: Arc<S>| async move { inner.read().await };
        self.cache.read_present(&Key::GenerationSettings, None, &self.inner, load).await
    }

    async fn replace(
        &self,
        actor: &Actor,
        seen: &Precondition,
        values: GenerationValues,
    ) -> Result<Answer<GenerationSettings>, GenerationSettingsError> {
        self.inner.replace(actor, seen, values).await
    }
}
