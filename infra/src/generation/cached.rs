//! The platform's generation settings behind the cache.

use std::sync::Arc;

use async_trait::async_trait;
use domain::generation::{GenerationReads, GenerationSettings};
use domain::{CachedResponse, ServiceError};

use crate::cache::{Cache, Value, keys};

/// Generation settings behind the cache.
pub(crate) struct CachedGenerationReads<S> {
    inner: Arc<S>,
    cache: Arc<Cache>,
}

impl<S> CachedGenerationReads<S> {
    pub(crate) fn new(inner: S, cache: Arc<Cache>) -> Self {
        Self { inner: Arc::new(inner), cache }
    }
}

#[async_trait]
impl<S: GenerationReads + 'static> GenerationReads for CachedGenerationReads<S> {
    async fn settings(&self) -> Result<CachedResponse<GenerationSettings>, ServiceError> {
        let load = |inner: Arc<S>| async move { inner.settings().await };
        self.cache.read_present(keys::GenerationSettings().value(), &self.inner, load).await
    }
}
