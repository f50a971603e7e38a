//! The e-mail address that a login begins with, cached as an id and nothing else.

use std::sync::Arc;

use async_trait::async_trait;
use domain::accounts::{Email, UserDirectory};
use domain::ids::UserId;
use domain::{Answer, Fault};

use super::{Cache, Key};

/// The user directory behind the cache.
pub(crate) struct CachedUserDirectory<S> {
    inner: Arc<S>,
    cache: Arc<Cache>,
}

impl<S> CachedUserDirectory<S> {
    pub(crate) fn new(inner: S, cache: Arc<Cache>) -> Self {
        Self { inner: Arc::new(inner), cache }
    }
}

#[async_trait]
impl<S: UserDirectory + 'static> UserDirectory for CachedUserDirectory<S> {
    async fn id_by_email(&self, email: &Email) -> Result<Option<Answer<UserId>>, Fault> {
        let wanted = email.clone();
        let load = move |inner: Arc<S>| {
            let wanted = wanted.clone();
            async move { inner.id_by_email(&wanted).await }
        };
        self.cache.read(&Key::UserEmail(email.clone()), None, &self.inner, load).await
    }
}
