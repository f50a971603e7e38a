//! The reads of sessions behind the cache.

use std::sync::Arc;

use async_trait::async_trait;
use domain::CachedResponse;
use domain::data_sessions::{
    DataSession, DataSessionError, DataSessionReads, Preview, PreviewPage, PreviewView, TableInfo, TrainingReport,
};
use domain::ids::DataSessionId;

use crate::cache::{Cache, Pages, Value, keys};

/// [`DataSessionReads`] behind the cache.
pub(crate) struct CachedDataSessionReads<R> {
    inner: Arc<R>,
    cache: Arc<Cache>,
}

impl<R> CachedDataSessionReads<R> {
    pub(crate) fn new(inner: R, cache: Arc<Cache>) -> Self {
        Self { inner: Arc::new(inner), cache }
    }
}

#[async_trait]
impl<R: DataSessionReads + 'static> DataSessionReads for CachedDataSessionReads<R> {
    async fn session(&self, id: DataSessionId) -> Result<CachedResponse<DataSession>, DataSessionError> {
        let load = move |inner: Arc<R>| async move { inner.session(id).await };
        self.cache.read_present(keys::SessionMetadata(id).value(), &self.inner, load).await
    }

    async fn info(&self, id: DataSessionId) -> Result<CachedResponse<TableInfo>, DataSessionError> {
        let load = move |inner: Arc<R>| async move { inner.info(id).await };
        self.cache.read_present(keys::SessionInfo(id).value(), &self.inner, load).await
    }

    async fn preview(&self, id: DataSessionId, page: PreviewPage) -> Result<CachedResponse<Preview>, DataSessionError> {
        let name = format!("{}:{}", page.offset, page.limit);
        let load = move |inner: Arc<R>| async move { inner.preview(id, page).await.map(Some) };
        let preview = match page.view {
            PreviewView::Raw => self.cache.read(keys::SessionRawData(id).page(name), &self.inner, load).await,
            PreviewView::Processed => self.cache.read(keys::SessionProcessedData(id).page(name), &self.inner, load).await,
        };
        preview?.ok_or(DataSessionError::NotFound)
    }

    async fn report(&self, id: DataSessionId) -> Result<CachedResponse<TrainingReport>, DataSessionError> {
        let load = move |inner: Arc<R>| async move { inner.report(id).await };
        self.cache.read_present(keys::SessionTrainingProgress(id).value(), &self.inner, load).await
    }
}
